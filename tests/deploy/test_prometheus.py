"""What Prometheus is given: it is valid, every name in it exists on a real service, and a real server works with it."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families as parse_text

from ..ports import free_port
from .conftest import DEPLOY, PROMETHEUS, metric_names, queries, rules

WAIT_S = 60.0  # on a machine that may be busy
DOCUMENTATION = DEPLOY.parent / "docs" / "service" / "watching.md"


def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False, **options)


def test_promtool_accepts_configuration_and_rules(promtool: str) -> None:
    for what, name in (("config", "prometheus.yml"), ("rules", "alerts.yml")):
        done = run([promtool, "check", what, str(PROMETHEUS / name)])
        assert done.returncode == 0, done.stdout + done.stderr


def test_alerts_fire_when_they_should(promtool: str) -> None:
    done = run([promtool, "test", "rules", "alerts.test.yml"], cwd=PROMETHEUS)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("> 0.05\n", "> 0.5\n"),
        ("for: 10m", "for: 1m"),
        ("[15m]) > 2", "[15m]) > 9"),
        ('"busy|deadline"', '"busy|unusable"'),
    ],
    ids=["bound", "patience", "restarts", "reasons"],
)
def test_the_tests_of_the_alerts_can_fail(promtool: str, tmp_path: Path, before: str, after: str) -> None:
    text = (PROMETHEUS / "alerts.yml").read_text(encoding="utf-8")
    assert before in text
    (tmp_path / "alerts.yml").write_text(text.replace(before, after), encoding="utf-8")
    (tmp_path / "alerts.test.yml").write_bytes((PROMETHEUS / "alerts.test.yml").read_bytes())
    assert run([promtool, "test", "rules", "alerts.test.yml"], cwd=tmp_path).returncode != 0


def test_every_alert_is_tested() -> None:
    tests = yaml.safe_load((PROMETHEUS / "alerts.test.yml").read_text(encoding="utf-8"))["tests"]
    expected = {one["alertname"] for test in tests for one in test["alert_rule_test"] if one["exp_alerts"]}
    assert expected == {rule["alert"] for rule in rules()}


def test_every_alert_says_what_to_do() -> None:
    headings = re.findall(r"^#+ (\w+)$", DOCUMENTATION.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for rule in rules():
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}
        assert set(rule["annotations"]) == {"summary", "description", "runbook"}
        assert rule["annotations"]["runbook"] == f"docs/service/watching.md#{rule['alert'].lower()}"
        assert rule["alert"] in headings


def test_promtool_finds_nothing_to_object_to_in_the_metrics_of_a_service(promtool: str, service: str) -> None:
    done = run([promtool, "check", "metrics"], input=httpx.get(f"{service}/metrics", timeout=WAIT_S).text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_metric_in_a_query_is_one_of_a_real_service(service: str) -> None:
    there = {
        sample.name
        for family in parse_text(httpx.get(f"{service}/metrics", timeout=WAIT_S).text)
        for sample in family.samples
    }
    missing = {place: names for place, query in queries().items() if (names := metric_names(query) - there)}
    assert missing == {}
    named = set().union(*map(metric_names, queries().values()))
    assert len(named) > 30


def test_the_documentation_names_every_metric_and_no_other(service: str) -> None:
    families = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in parse_text(httpx.get(f"{service}/metrics", timeout=WAIT_S).text)
    }
    text = DOCUMENTATION.read_text(encoding="utf-8")
    told = set(re.findall(r"`(seatrial_[a-z_]+)[`{]", text))
    assert told == {name for name in families if name.startswith("seatrial_")}


def test_every_query_is_promql(promtool: str, tmp_path: Path) -> None:
    group = [{"record": f"seatrial:query_{i}", "expr": query} for i, query in enumerate(queries().values())]
    (tmp_path / "rules.yml").write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": group}]}))
    done = run([promtool, "check", "rules", str(tmp_path / "rules.yml")])
    assert done.returncode == 0, done.stdout + done.stderr


class Server:
    """A real Prometheus that looks at a service twice a second."""

    def __init__(self, program: str, folder: Path, target: str) -> None:
        config = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
        config["global"] = {"scrape_interval": "500ms", "evaluation_interval": "500ms", "scrape_timeout": "500ms"}
        config["scrape_configs"][0]["static_configs"][0]["targets"] = [target]
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
        (folder / "alerts.yml").write_bytes((PROMETHEUS / "alerts.yml").read_bytes())
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen(
            [
                program,
                f"--config.file={folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def get(self, path: str, **parameters: str) -> Any:
        answer = httpx.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=WAIT_S).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, query: str) -> float | None:
        """The one value of a query; None while there is none."""
        result = self.get("query", query=query)["result"]
        return float(result[0]["value"][1]) if result else None

    def empty_panels(self) -> set[str]:
        """Queries of the dashboard that find nothing; each of them, and of the alerts, is asked."""
        found = {place: bool(self.get("query", query=query)["result"]) for place, query in queries().items()}
        return {place for place, there in found.items() if not there and not place.startswith(("alert", "annotation"))}

    def wait(self, done: Callable[[], bool], seconds: float = 2 * WAIT_S) -> None:
        end = time.monotonic() + seconds
        while True:
            try:
                if done():
                    return
            except httpx.TransportError:
                assert self.process.poll() is None, "prometheus ended"
            assert time.monotonic() < end, "not in time"
            time.sleep(0.1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(WAIT_S)


@pytest.fixture
def server(prometheus: str, service: str, tmp_path: Path) -> Iterator[Server]:
    server = Server(prometheus, tmp_path, service.removeprefix("http://"))
    yield server
    server.stop()


def test_a_real_prometheus_reads_a_real_service(server: Server, service: str) -> None:
    server.wait(lambda: server.value('up{job="seatrial"}') == 1)
    before = server.value('seatrial_inputs_total{model="toy"}') or 0
    assert httpx.post(f"{service}/v1/predict", json={"inputs": ["good", "bad", "x"]}, timeout=WAIT_S).status_code == 200
    server.wait(lambda: server.value('seatrial_inputs_total{model="toy"}') == before + 3)
    assert server.value('seatrial_http_requests_total{route="none",status="404"}') == 1
    assert (server.value("seatrial_cache_hits_total") or 0) >= 1
    version = server.get("query", query="seatrial_model_info")["result"][0]["metric"]["version"]
    assert version == httpx.get(f"{service}/v1/model", timeout=WAIT_S).json()["version"]
    groups = server.get("rules")["groups"]
    loaded = {rule["name"]: rule["health"] for group in groups for rule in group["rules"]}
    assert set(loaded) == {rule["alert"] for rule in rules()}
    server.wait(lambda: {r["health"] for g in server.get("rules")["groups"] for r in g["rules"]} == {"ok"})
    # a rate needs two values of a counter, so a second refusal
    assert httpx.post(f"{service}/v1/predict", json={"inputs": 5}, timeout=WAIT_S).status_code == 422
    server.wait(lambda: server.empty_panels() == set())
