"""How the model learned: loss and validation score, with what training was told."""

from __future__ import annotations

from seatrial.govern.figures import figure, finite, metric_name, printable
from seatrial.govern.findings import headline, rows
from seatrial.records import Trial
from seatrial.report.markup import Child, h, user
from seatrial.report.plots.learning import loss_curve, score_curve
from seatrial.report.sections.base import Section, figure_box, legend
from seatrial.report.table import Column, pairs, table

__all__ = ["learning"]

NOT_SCORES = ("step", "epoch", "loss", "best")
FACTS = {
    "device": "device",
    "epochs_done": "epochs done",
    "best_step": "best step",
    "trainable_parameters": "weights that learned",
    "parameters": "weights in all",
    "stopped": "stopped because",
}

BESIDE = {
    "project": "Project",
    "task": "Task",
    "share": "Share of batches",
    "train": "Training examples",
    "left_out": "Left out: held out here",
}
COUNTED = ("share", "train", "left_out")


def learning(trial: Trial) -> Section | None:
    """None when training left neither curves nor facts. Where nothing was trained, it says so."""
    report = trial.reports.get("train")
    if report is None:
        return None
    steps, validations = rows(trial, "train", "steps", "series"), rows(trial, "train", "validations", "series")
    scores = list(dict.fromkeys(key for row in validations for key in row if key not in NOT_SCORES))
    first = headline(trial)
    if first in scores:
        scores.insert(0, scores.pop(scores.index(first)))
    plots: list[Child] = []
    loss = loss_curve(steps, validations)
    if loss:
        keys = legend([("faint", "each step"), ("strong", "moving average"), ("check", "validation")])
        plots.append(figure_box("Loss", loss, keys))
    curve = score_curve(validations, scores[0]) if scores else None
    if curve:
        plots.append(
            figure_box(f"Validation {metric_name(scores[0])}", curve, "The best validation is the model that is kept.")
        )
    body: list[Child] = [h("div.plots", plots)] if plots else []
    if validations:
        columns = [
            Column("Epoch"),
            Column("Loss", "number"),
            *(Column(metric_name(s), "number") for s in scores),
            Column(""),
        ]
        lines = [
            [
                _count(v.get("epoch")),
                figure("loss", v.get("loss")),
                *(figure(s, v.get(s)) for s in scores),
                "kept" if v.get("best") is True else "",
            ]
            for v in validations
        ]
        body.append(table("Validations during training", columns, lines))
    beside = rows(trial, "train", "together")
    if beside:
        columns = [Column(title, "number" if key in COUNTED else "text") for key, title in BESIDE.items()]
        told = [[_fact(row.get(key)) for key in BESIDE] for row in beside]
        body.append(table("Learned together with", columns, told))
    facts = [(name, _fact(report.facts[key])) for key, name in FACTS.items() if report.facts.get(key) is not None]
    if facts:
        body.append(pairs(facts))
    settings = rows(trial, "train", "settings")
    if settings:
        said = [(printable(row["name"]).replace("_", " "), user(row["value"])) for row in settings]
        body.append(h("details", h("summary", "Training settings"), pairs(said)))
    if not body:
        return None
    lead = "How training went. Only the validation split was used to choose."
    if report.facts.get("trainable_parameters") == 0:
        lead = "Nothing was trained: the base model was taken as it is."
    return Section("learning", "Learning", lead, body)


def _count(value: object) -> str:
    number = finite(value)
    return "–" if number is None else f"{number:,.2f}".rstrip("0").rstrip(".")


def _fact(value: object) -> Child:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else user(value)
