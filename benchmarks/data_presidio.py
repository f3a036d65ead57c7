"""The opponent of redaction, run in its own environment: Presidio with its pattern recognisers, and its masks.

    python data_presidio.py < texts.json > found.json

No language model is loaded (`no_op`), and only the recognisers of the entities asked for are in the registry. Refuses
to know: Seatrial, which is not installed here.
"""

from __future__ import annotations

import json
import sys
import time

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import NlpEngineProvider
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    PhoneRecognizer,
    UrlRecognizer,
    UsSsnRecognizer,
)
from presidio_anonymizer import AnonymizerEngine

RECOGNIZERS = (
    EmailRecognizer(),
    PhoneRecognizer(supported_regions=["US"]),
    UrlRecognizer(),
    IpRecognizer(),
    CreditCardRecognizer(),
    IbanRecognizer(),
    UsSsnRecognizer(),
)
NO_MODEL = {"nlp_engine_name": "no_op", "models": [{"lang_code": "en", "model_name": "no_op"}]}


def main() -> None:
    """Mask every text and tell the time from the first to the last."""
    texts = json.load(sys.stdin)
    registry = RecognizerRegistry(recognizers=list(RECOGNIZERS))
    engine = AnalyzerEngine(
        registry=registry,
        nlp_engine=NlpEngineProvider(nlp_configuration=NO_MODEL).create_engine(),
        supported_languages=["en"],
    )
    anonymizer = AnonymizerEngine()

    def masked(text: str) -> str:
        found = engine.analyze(text, language="en")
        return anonymizer.anonymize(text, found).text if found else text

    masked("warm up: a@example.org")
    started = time.process_time()
    changed = [before != masked(before) for before in texts]
    json.dump({"seconds": time.process_time() - started, "changed": changed}, sys.stdout)


if __name__ == "__main__":
    main()
