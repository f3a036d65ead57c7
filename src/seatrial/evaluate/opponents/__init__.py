"""Opponents: training examples → what a simpler or older way says of the same examples."""

from __future__ import annotations

from seatrial.evaluate.opponents.base import AsksStart, Opponent, Start
from seatrial.registry import Registry

__all__ = ["OPPONENTS", "AsksStart", "Opponent", "Start"]

HERE = "seatrial.evaluate.opponents"

OPPONENTS: Registry[type[Opponent]] = Registry(
    "opponent",
    "seatrial.opponents",
    {
        "majority": f"{HERE}.majority:Majority",
        "tfidf-logreg": f"{HERE}.tfidf_logreg:TfidfLogreg",
        "vader": f"{HERE}.vader:Vader",
        "gazetteer": f"{HERE}.gazetteer:Gazetteer",
        "ngram": f"{HERE}.ngram:Ngram",
        "copy": f"{HERE}.copy:Copy",
        "lead": f"{HERE}.lead:Lead",
        "base": f"{HERE}.before_training:BeforeTraining",
        "human-rater": f"{HERE}.human_rater:HumanRater",
    },
)
