"""Metrics: probabilities [n, k] and label indices [n] → one float, NaN where it is not defined."""

from __future__ import annotations

from collections.abc import Callable

from seatrial.evaluate.metrics.base import Metric
from seatrial.registry import Registry

__all__ = ["METRICS", "Metric", "MetricRegistry", "reads"]

HERE = "seatrial.evaluate.metrics"


class MetricRegistry(Registry[Metric]):
    """A registry in which a metric may take an argument: `json_field.sentiment` is `json_field`, of `sentiment`.

    Such a metric has a method `of` that takes the text behind the first dot and gives the metric for it.
    """

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or self._with_argument(name) is not None

    def get(self, name: str, *, where: str | None = None) -> Metric:
        """See `Registry.get`."""
        found = self._with_argument(name)
        return super().get(name, where=where) if found is None else found

    def _with_argument(self, name: object) -> Metric | None:
        if not isinstance(name, str) or super().__contains__(name):
            return None
        stem, dot, argument = name.partition(".")
        if not dot or not all(argument.split(".")) or not super().__contains__(stem):
            return None
        of: Callable[[str], Metric] | None = getattr(super().get(stem), "of", None)
        return None if of is None else of(argument)


METRICS = MetricRegistry(
    "metric",
    "seatrial.metrics",
    {
        "accuracy": f"{HERE}.accuracy:ACCURACY",
        "precision_macro": f"{HERE}.precision_recall:PRECISION_MACRO",
        "recall_macro": f"{HERE}.precision_recall:RECALL_MACRO",
        "f1_macro": f"{HERE}.f1:F1_MACRO",
        "f1_micro": f"{HERE}.f1:F1_MICRO",
        "f1_weighted": f"{HERE}.f1:F1_WEIGHTED",
        "roc_auc": f"{HERE}.roc_auc:ROC_AUC",
        "ece": f"{HERE}.ece:ECE",
        "brier": f"{HERE}.brier:BRIER",
        "log_loss": f"{HERE}.log_loss:LOG_LOSS",
        "neighbour_accuracy": f"{HERE}.neighbour_accuracy:NEIGHBOUR_ACCURACY",
        "entity_precision": f"{HERE}.entities:ENTITY_PRECISION",
        "entity_recall": f"{HERE}.entities:ENTITY_RECALL",
        "entity_f1": f"{HERE}.entities:ENTITY_F1",
        "entity_f1_macro": f"{HERE}.entities:ENTITY_F1_MACRO",
        "bits_per_byte": f"{HERE}.tokens:BITS_PER_BYTE",
        "perplexity": f"{HERE}.tokens:PERPLEXITY",
        "token_accuracy": f"{HERE}.tokens:TOKEN_ACCURACY",
        "preference_accuracy": f"{HERE}.preference:PREFERENCE_ACCURACY",
        "reward_margin_nats": f"{HERE}.preference:REWARD_MARGIN_NATS",
        "likelihood_accuracy": f"{HERE}.preference:LIKELIHOOD_ACCURACY",
        "exact_match": f"{HERE}.written:EXACT_MATCH",
        "chrf": f"{HERE}.written:CHRF",
        "bleu": f"{HERE}.written:BLEU",
        "json_valid": f"{HERE}.json_valid:JSON_VALID",
        "json_field": f"{HERE}.json_field:JSON_FIELD",
        "rouge_1": f"{HERE}.written:ROUGE_1",
        "rouge_2": f"{HERE}.written:ROUGE_2",
        "rouge_l": f"{HERE}.written:ROUGE_L",
    },
)


def reads(name: str) -> str:
    """What the metric of this name reads; the default of a plugin that does not say is probabilities."""
    return str(getattr(METRICS.get(name), "reads", "probabilities"))
