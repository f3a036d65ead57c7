"""Neighbour accuracy: the share of items whose nearest training examples have mostly the item's own label."""

from __future__ import annotations

from seatrial.evaluate.metrics.accuracy import Accuracy

__all__ = ["NEIGHBOUR_ACCURACY", "NeighbourAccuracy"]


class NeighbourAccuracy(Accuracy):
    """Items whose label is that of most of their neighbours / items, 0 to 1.

    For vectors, which have no label of their own: what they are good for is that like things lie near each other. The
    label scores are the neighbours' votes, which the task counts (`Task.label_scores`); the rest is accuracy.
    """

    name = "neighbour_accuracy"
    reads = "neighbours"


NEIGHBOUR_ACCURACY = NeighbourAccuracy()
