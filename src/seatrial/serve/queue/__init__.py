"""The queue before a model: which waiting items are computed next, and who is told at once that it will be too late.

    batched    what is told of a computed batch
    cost       what a run costs, learned from the runs
    pace       how long a newcomer would wait
    picking    which items go together
    priority   the event loop before the computation
    batching   the queue itself

Order of knowledge: `batching` knows the others, `pace` knows `cost`, and the rest stand alone. Nothing here knows a
text, a model or a transport.
"""

from __future__ import annotations

__all__: list[str] = []
