"""The protocols that clients speak: for each a file that gives a list of routes, and what it needs beside it.

    predict                       Seatrial's own
    oip, oip_body                 the Open Inference Protocol and its bodies
    openai                        OpenAI's models, embeddings and moderations
    openai_chat, openai_chat_*    what generates: its routes, reading requests, spelling answers
    embeddings_inference          text-embeddings-inference
    sagemaker, invocations        SageMaker's container and its forms
    *_schema                      the shapes, for the OpenAPI description

Order of knowledge: protocols do not know each other, except that `sagemaker` describes the refusals of `predict`, and
`openai_chat` names models as `openai` does.
Nothing here knows a model or a batch.
"""

from __future__ import annotations

__all__: list[str] = []
