"""The model card: what the release is, what it is for, how to use it, and every figure it was accepted on.

Refuses to know files: it gives text. The figures themselves are written in `evidence`, the metadata in `front_matter`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seatrial.govern import evidence
from seatrial.govern.figures import capital, figure, finite, name
from seatrial.govern.findings import is_served, kind_of_model, released, writing_speed
from seatrial.govern.front_matter import front_matter
from seatrial.govern.markdown import code, escape
from seatrial.govern.usage import usage
from seatrial.records import Trial

__all__ = ["model_card"]


def model_card(trial: Trial) -> str:
    """The `README.md` of a release.

    Args:
        trial: what the voyage found out; parts without figures are left out.

    Returns:
        Markdown with Hub metadata at its head. Source of the structure: Mitchell et al. 2019, section 4.
    """
    parts = [
        ("", f"# {escape(name(trial.project))}\n\n{_about(trial)}"),
        ("Contract", evidence.contract(trial)),
        ("Intended use", _intended(trial)),
        ("Out of scope", _out_of_scope(trial)),
        ("How to use", usage(trial)),
        ("Evaluation", evidence.evaluation(trial)),
        ("Beside its opponents", evidence.opponents(trial)),
        ("By slice", evidence.slices(trial)),
        ("Limitations", evidence.limitations(trial)),
        ("Calibration", evidence.calibration(trial)),
        ("Data", evidence.data(trial)),
        ("Environment", evidence.environment(trial)),
        ("Lineage", evidence.lineage(trial)),
    ]
    body = [f"## {title}\n\n{text}" if title else text for title, text in parts if text]
    return front_matter(trial) + "\n" + "\n\n".join(body) + "\n"


def _about(trial: Trial) -> str:
    said = []
    if trial.description:
        said.append(escape(trial.description).rstrip(".") + ".")
    base = _spec(trial, "model").get("base")
    if _spec(trial, "model").get("network"):
        said.append("Trained from random weights.")
    elif base:
        trained = trial.reports.get("train")
        as_it_is = trained is not None and trained.facts.get("trainable_parameters") == 0
        said.append(f"{'The weights are those of' if as_it_is else 'Fine-tuned from'} {code(base)}.")
    candidate = released(trial)
    verdict = "meets its contract" if trial.verdict.accepted else "does **not** meet its contract"
    text = f"The candidate {escape(name(trial.verdict.candidate))} {verdict}."
    if candidate:
        text += f" It takes {figure('size_mb', candidate.size_mb)}"
        speed = writing_speed(trial)
        if speed is not None:
            text += (
                f"; through the running service it begins to write after {figure('ttft_p50_ms', speed['ttft_p50_ms'])}"
                f" (median) and writes {figure('tokens_per_s', speed['tokens_per_s'])}"
            )
        elif finite(candidate.latency_p95_ms) is not None:
            text += (
                f" and has a latency (p95) of {figure('p95_ms', candidate.latency_p95_ms)} through the running service"
            )
        text += "."
    return " ".join([*said, text, "`report.html` in this folder shows the whole trial."])


def _intended(trial: Trial) -> str:
    what = escape(kind_of_model(trial))
    if trial.dimensions is None and not trial.labels:
        what = capital(what)
    elif trial.dimensions is None:
        labels = ", ".join(f"“{escape(name(label))}”" for label in trial.labels)
        what = f"A {escape(trial.task).replace('-', ' ')} model with the labels {labels}"
    else:
        what = f"{capital(what)}, each of unit length, so that the cosine of two texts is their inner product"
    texts = (
        " Texts should be of the kinds that it was tried on; the slices below say which and how well."
        if trial.reports
        else ""
    )
    return f"{what}.{texts}"


def _out_of_scope(trial: Trial) -> str:
    said = []
    languages = (trial.lineage.get("spec") or {}).get("language") or ()
    if languages:
        said.append(f"Texts in languages other than {escape(', '.join(map(str, languages)))}.")
    longest = _spec(trial, "model").get("max_length")
    if longest and writing_speed(trial) is not None:
        said.append(
            f"Texts longer than {escape(longest)} tokens: it learned from no longer ones, and was judged on none."
        )
    elif longest and is_served(trial):
        said.append(f"Texts longer than {escape(longest)} tokens: what is beyond is not read.")
    said.append("Kinds of text that are not among the sources: nobody measured how well it does there.")
    said.append("Decisions about people that nobody reviews.")
    return "\n".join(f"- {line}" for line in said)


def _spec(trial: Trial, section: str) -> Mapping[str, Any]:
    return (trial.lineage.get("spec") or {}).get(section) or {}
