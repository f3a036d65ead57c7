"""How to use the release: snippets for transformers, for onnxruntime alone, and for the service.

Refuses to know figures. Texts and names of users enter the code as quoted literals.
"""

from __future__ import annotations

import json
import shlex

from seatrial.govern.figures import printable
from seatrial.records import Trial

__all__ = ["usage"]

TRANSFORMERS = """\
With transformers, the uncompressed weights (confidences are not calibrated there):

```python
from transformers import pipeline

classify = pipeline({task}, model=".")  # the folder of this file
print(classify({text}, top_k=None, truncation=True))  # long texts are cut, as in training
```"""

ONNX = """\
With onnxruntime and tokenizers alone, the model that was accepted, calibrated:

```python
import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

with open("config.json", encoding="utf-8") as file:
    settings = json.load(file)["seatrial"]
tokenizer = Tokenizer.from_file("tokenizer.json")  # cuts long texts, pads nothing
session = onnxruntime.InferenceSession(settings["served"], providers=["CPUExecutionProvider"])

input_ids = np.array([tokenizer.encode({text}).ids], dtype=np.int64)
inputs = {{"input_ids": input_ids, "attention_mask": np.ones_like(input_ids)}}
logits = session.run(["logits"], inputs)[0][0] / settings["temperature"]
probabilities = np.exp(logits - logits.max())
probabilities /= probabilities.sum()
print(dict(zip(settings["labels"], probabilities.tolist())))
```"""

SERVICE = """\
As a service:

```sh
seatrial serve . --port {port} &
curl -s http://127.0.0.1:{port}/v1/predict -H 'content-type: application/json' -d {body}
```

It answers
`{{"model": …, "version": …, "predictions": [{{"label": …, "score": …, "scores": {{…}}}}], "latency_ms": …}}`."""


def usage(trial: Trial) -> str:
    """The section's body. The sample text is the project's own example where it names one."""
    serving = (trial.lineage.get("spec") or {}).get("serving") or {}
    text = printable(next(iter(serving.get("examples") or ()), "A text to classify"))
    literal = json.dumps(text, ensure_ascii=False)  # a JSON string is a Python string
    body = shlex.quote(json.dumps({"inputs": text}, ensure_ascii=False))
    parts = [
        TRANSFORMERS.format(task=json.dumps(trial.task), text=literal),
        ONNX.format(text=literal),
        SERVICE.format(port=serving.get("port") or 8000, body=body),
    ]
    return "\n\n".join(parts)
