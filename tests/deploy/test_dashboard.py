"""The dashboard, by its structure; nothing here draws it."""

from __future__ import annotations

import re

from .conftest import DEPLOY, dashboard, queries


def test_it_is_a_dashboard_that_can_be_imported() -> None:
    board = dashboard()
    assert board["uid"] == "seatrial"
    assert board["schemaVersion"] >= 39
    assert "id" not in board  # Grafana would take it for a dashboard of its own database
    assert [variable["name"] for variable in board["templating"]["list"]] == ["datasource", "instance", "model"]


def test_panels_have_numbers_places_and_sources_of_their_own() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        assert all(x < 24 for x, _ in cells), panel["title"]
        taken |= cells
        if panel["type"] != "row":
            assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
            references = [target["refId"] for target in panel["targets"]]
            assert references
            assert len(set(references)) == len(references)
            assert panel["fieldConfig"]["defaults"]["unit"]


def test_every_query_keeps_to_the_chosen_services() -> None:
    for panel in dashboard()["panels"]:
        for target in panel.get("targets", ()):
            selectors = re.findall(r"(?:seatrial|process|python)_[a-z_]+(\{[^}]*\})?", target["expr"])
            assert all('instance=~"$instance"' in selector for selector in selectors), target["expr"]


def test_it_shows_what_a_service_is_watched_for() -> None:
    shown = " ".join(query for place, query in queries().items() if not place.startswith("alert"))
    for step in ("tokenize", "queue", "compute"):
        assert f"seatrial_prediction_{step}_seconds_bucket" in shown
    for metric in ("refusals_total", "queue_items", "batch_items", "cache_hits", "model_info", "http_requests_total"):
        assert f"seatrial_{metric}" in shown
    assert "process_resident_memory_bytes" in shown


def test_no_file_here_names_a_place_that_is_not_the_readers() -> None:
    for path in DEPLOY.rglob("*"):
        if path.is_file():
            addresses = set(re.findall(r"https?://([^/:\s\"]+)", path.read_text(encoding="utf-8")))
            assert addresses <= {"127.0.0.1"}, path
