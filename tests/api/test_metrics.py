"""What is counted, and for whom it is there."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.conftest import CAFE, Door, Opening
from bondfire.access import Rate
from bondfire.api.examples import ORDER, SPENDING
from bondfire.db import connect

TOKEN = "a-token-of-the-settings"
METRICS = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def door(open_door: Opening, publish: object) -> Door:
    """A café whose metrics are open."""
    assert callable(publish)
    publish("corner-cafe")
    return open_door(metrics_token=TOKEN, key_rate=Rate(600, 200))


def value(door: Door, name: str, **labels: str) -> float:
    """A metric now; 0 when it was never counted."""
    page = door.client.get("/metrics", headers=METRICS).text
    wanted = {f'{label}="{text}"' for label, text in labels.items()}
    for found in re.finditer(rf"^{name}(?:{{(.*)}})? (\S+)$", page, re.MULTILINE):
        if wanted == set(re.findall(r'\w+="[^"]*"', found[1] or "")):
            return float(found[2])
    return 0


def test_metrics_are_closed_until_a_token_is_set(open_door: Opening) -> None:
    answer = open_door().client.get("/metrics", headers=METRICS)

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_route")


@pytest.mark.parametrize(
    "sent", [{}, {"Authorization": "Bearer another"}, {"Authorization": f"Basic {TOKEN}"}]
)
def test_metrics_need_the_token(door: Door, sent: dict[str, str]) -> None:
    answer = door.client.get("/metrics", headers=sent)

    assert (answer.status_code, answer.json()["code"]) == (401, "bad_metrics_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_metrics_are_text_for_prometheus_and_openmetrics_for_who_asks(door: Door) -> None:
    plain = door.client.get("/metrics", headers=METRICS)
    open_metrics = door.client.get(
        "/metrics", headers={**METRICS, "Accept": "application/openmetrics-text; version=1.0.0"}
    )

    assert plain.headers["content-type"].startswith("text/plain; version=")
    assert open_metrics.headers["content-type"].startswith("application/openmetrics-text")
    assert open_metrics.text.endswith("# EOF\n")


def test_requests_are_counted_and_timed_by_route_and_status(door: Door) -> None:
    headers = door.key("members:read")
    for member in ("a", "b", "c"):
        door.client.get(f"/v1/members/{member}", headers=headers)
    door.client.get("/somewhere/else")

    labels = {"route": "/v1/members/{member}", "method": "GET", "status": "404"}
    assert value(door, "bondfire_http_request_seconds_count", **labels) == 3
    assert value(door, "bondfire_http_request_seconds_sum", **labels) > 0
    assert value(door, "bondfire_refused_total", code="unknown_member") == 3
    elsewhere = {"route": "none", "method": "GET", "status": "404"}
    assert value(door, "bondfire_http_request_seconds_count", **elsewhere) == 1


def test_a_method_somebody_made_up_makes_no_label(door: Door) -> None:
    door.client.request("ZQMARK", "/v1/programs")

    labels = {"route": "/v1/programs", "method": "other", "status": "405"}
    assert value(door, "bondfire_http_request_seconds_count", **labels) == 1


def test_events_are_counted_by_type_and_outcome_and_batches_by_size(door: Door) -> None:
    headers = door.key("events:write")
    door.client.post("/v1/events", json=ORDER, headers=headers)
    door.client.post("/v1/events", json=ORDER, headers=headers)
    door.client.post("/v1/events", json={**ORDER, "total": "1.00", "lines": None}, headers=headers)
    door.client.post("/v1/events", json={**SPENDING, "unit": "beans", "amount": "999"}, headers=headers)
    door.client.post("/v1/events", content=b"nothing", headers=headers)
    door.client.post("/v1/events?dry_run=true", json={**ORDER, "id": "dry"}, headers=headers)
    door.client.post(
        "/v1/events/batch", json=[ORDER, {}, {**ORDER, "id": "o", "order": "2"}], headers=headers
    )

    counted = {
        (kind, outcome): value(door, "bondfire_events_total", type=kind, outcome=outcome)
        for kind in ("order.placed", "points.spent", "unknown")
        for outcome in ("accepted", "duplicate", "conflict", "refused", "malformed")
    }
    assert {name: number for name, number in counted.items() if number} == {
        ("order.placed", "accepted"): 2,
        ("order.placed", "duplicate"): 2,
        ("order.placed", "conflict"): 1,
        ("points.spent", "refused"): 1,
        ("unknown", "malformed"): 2,
    }
    assert (value(door, "bondfire_batch_rows_count"), value(door, "bondfire_batch_rows_sum")) == (1, 3)


def test_who_is_turned_away_is_counted_by_the_limit(open_door: Opening) -> None:
    door = open_door(metrics_token=TOKEN, key_rate=Rate(1, 1))
    headers = door.key("programs:read")
    for _ in range(4):
        door.client.get("/v1/programs", headers=headers)

    assert value(door, "bondfire_rate_limited_total", policy="key") == 3
    assert value(door, "bondfire_refused_total", code="rate_limited") == 3


def test_the_pool_shows_what_is_in_use(door: Door) -> None:
    headers = door.key("programs:write")
    assert (value(door, "bondfire_pool_busy"), value(door, "bondfire_pool_size")) == (0, 8)
    with connect(door.dsn) as holder, ThreadPoolExecutor(1) as thread:
        holder.execute("SELECT 1 FROM brand FOR UPDATE")
        waiting = thread.submit(
            door.client.post, "/v1/programs", content=CAFE.format(brand="corner-cafe"), headers=headers
        )
        while not holder.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
            pass
        busy = value(door, "bondfire_pool_busy")
        holder.rollback()
        waiting.result()

    assert busy == 1
    assert value(door, "bondfire_pool_busy") == 0


def test_work_that_is_run_again_after_a_lost_connection_is_counted(door: Door) -> None:
    headers = door.key("programs:read")
    door.client.get("/v1/programs", headers=headers)
    with connect(door.dsn) as conn:
        conn.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    answer = door.client.get("/v1/programs", headers=headers)

    assert answer.status_code == 200
    assert value(door, "bondfire_database_retries_total") >= 1
