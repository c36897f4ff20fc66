"""Each request gets a line, and no line holds what a request said."""

import io
import json
import logging
import re
from typing import Any

import pytest

from api.conftest import CAFE, Door
from bondfire.api import make_log
from bondfire.api.examples import ORDER, RETURN, SPENDING
from bondfire.api.logs import ForwardToLog
from bondfire.db import connect

MARK = "zqmark"
MARKED = f"{MARK}-c-17"
EMAIL = f"{MARK}.ann@example.com"
NOISY = {
    "User-Agent": f"{MARK}-agent",
    "Referer": f"https://shop.example/?q={MARK}",
    "X-Request-Id": EMAIL,
    "X-Forwarded-For": f"{MARK}-address",
    "Cookie": f"session={MARK}",
}
NAMED = {"Idempotency-Key": f"{MARK}-key"}
WORDS = {"member": MARKED, "event": f"{MARK}-order", "key": MARK, "version": "7", "version:int": "7"}
WORDS |= {
    "write_key": MARK,
    "shop": "shopify",
    "endpoint": MARK,
    "reject": MARK,
    "delivery": MARK,
    "month": MARK,
    "lot": "7",
    "leaderboard": MARK,
    "game": MARK,
    "group": MARK,
    "reward": MARK,
    "redemption": MARK,
    "content": MARK,
}
BODIES: list[Any] = [
    {**ORDER, "id": f"{MARK}-order", "member": MARKED, "order": MARK},
    {**RETURN, "id": f"{MARK}-return", "member": MARKED, "order": None, "total": "7777"},
    {**SPENDING, "id": f"{MARK}-spending", "member": MARKED, "unit": "beans", "amount": "99999"},
    {"type": MARK, MARK: MARK},
    {"name": MARK, "email": EMAIL, "phone": "+49 30 123456", "data": {MARK: MARK}},
    {"kind": "email", "value": EMAIL},
    {"kind": "reference", "value": MARKED},
    {"kind": "email.marketing", "granted": True, "text_version": MARK, "source": MARK},
    {"url": f"https://{MARK}.shop.example/{MARK}", "description": MARK},
    [{**ORDER, "id": f"{MARK}-batch", "member": MARKED}, {MARK: 1}],
    MARK,
]


def operations(door: Door) -> list[tuple[str, str]]:
    """Method and path of every operation, the path filled with marks."""
    paths = door.client.get("/openapi.json").json()["paths"]
    return [
        (method, re.sub(r"{([\w:]+)}", lambda found: WORDS[found[1]], path))
        for path, methods in paths.items()
        for method in methods
    ]


def visit_everything(door: Door, headers: dict[str, str]) -> set[int]:
    """Send marks to every operation, in every body, path and query; the statuses that came back."""
    statuses = set()
    for method, path in operations(door):
        for query in ("", f"?member={MARKED}&source=shop", f"?{MARK}={EMAIL}", f"?cursor={MARK}&unit={MARK}"):
            bodies = BODIES if method in {"post", "put", "patch"} and not query else BODIES[:1]
            for body in bodies:
                sent = json.dumps(body) if not isinstance(body, str) else body
                typed = {"Content-Type": "application/json", **headers}
                answer = door.client.request(method, path + query, content=sent, headers=typed)
                statuses.add(answer.status_code)
    for path in (
        f"/{MARKED}",
        f"/v1/members/{MARK}%00",
        f"/v1/{MARK}/",
        f"/docs/{MARK}",
        f"/v1/members/{MARK}%ff",
    ):
        statuses.add(door.client.get(path, headers=headers).status_code)
    return statuses


def test_no_line_holds_what_was_sent_to_any_route(cafe: Door) -> None:
    headers = {**cafe.key("admin"), **NOISY}

    statuses = visit_everything(cafe, headers) | visit_everything(cafe, headers | NAMED)
    strange = cafe.client.get(f"/v1/members/{MARKED}", headers={"Authorization": f"Bearer {MARK}"})
    cafe.client.post("/v1/programs", content=CAFE.format(brand=MARK), headers=headers)

    said = cafe.log.getvalue()
    assert {200, 201, 404, 409, 422} <= statuses
    assert strange.status_code == 401
    assert len(said.splitlines()) > 300
    assert MARK not in said
    assert "example.com" not in said
    assert "whsec_" not in said
    assert not [token for token in cafe.keys if token in said or token.split("_")[2] in said]


def test_no_line_holds_what_was_sent_when_everything_breaks(cafe: Door) -> None:
    """Given a database without its tables, when marks are sent, then the log says only where it broke."""
    headers = {**cafe.key("admin"), **NOISY}
    cafe.client.get("/v1/programs", headers=headers)
    with connect(cafe.dsn) as conn:
        for table in ("member_alias", "member_profile", "consent", "journal", "member_state", "given_answer"):
            conn.execute(f"DROP TABLE {table}")
        conn.commit()

    statuses = visit_everything(cafe, headers)

    broken = [line for line in cafe.lines() if line["event"] == "unexpected"]
    assert 500 in statuses
    assert {line["error"] for line in broken} == {"psycopg.errors.UndefinedTable"}
    assert all(line["where"][-1].startswith("psycopg/") for line in broken)
    assert MARK not in cafe.log.getvalue()


def test_a_line_says_who_asked_what_and_how_it_ended(cafe: Door) -> None:
    headers = cafe.key("members:read")
    cafe.log.truncate(0)

    answer = cafe.client.get("/v1/members/nobody", headers={**headers, "X-Request-Id": "till-3_0000042"})

    (line,) = cafe.lines()
    assert answer.headers["x-request-id"] == "till-3_0000042"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line.pop("at"))
    assert line.pop("duration_ms") > 0
    assert line == {
        "level": "info",
        "event": "request",
        "request_id": "till-3_0000042",
        "method": "GET",
        "route": "/v1/members/{member}",
        "status": 404,
        "code": "unknown_member",
        "key": headers["Authorization"].split("_")[1],
        "brand": "corner-cafe",
    }


@pytest.mark.parametrize(
    "sent", ["ann@example.com", "short", "x" * 65, "a b c d e f g", "ann.example.com", ""]
)
def test_an_id_that_may_be_something_else_is_not_taken_over(door: Door, sent: str) -> None:
    answers = [door.client.get("/v1/nothing", headers={"X-Request-Id": sent}) for _ in range(2)]

    made = [answer.headers["x-request-id"] for answer in answers]
    assert all(re.fullmatch(r"req_[0-9a-f]{24}", one) for one in made)
    assert made[0] != made[1]
    assert [line["request_id"] for line in door.lines()] == made


def test_those_who_supervise_are_told_only_in_a_log_of_everything(door: Door) -> None:
    for path in ("/health", "/ready", "/docs"):
        door.client.get(path)

    assert [(line["route"], line["level"]) for line in door.lines()] == [
        ("/health", "debug"),
        ("/ready", "debug"),
        ("/docs", "info"),
    ]


def test_less_than_the_level_is_not_written() -> None:
    stream = io.StringIO()
    log = make_log(stream, "warning")

    log.info("request", status=200)
    log.warning("library", said="careful")

    assert [json.loads(line)["event"] for line in stream.getvalue().splitlines()] == ["library"]


def test_what_libraries_log_is_told_without_what_they_fill_in() -> None:
    stream = io.StringIO()
    library, handler = logging.getLogger("some.library"), ForwardToLog(make_log(stream, "info"))
    library.addHandler(handler)

    library.warning("cannot read %r\nof this one", MARK)
    try:
        int(MARK)
    except ValueError:
        library.exception("Exception in ASGI application\n")
    library.removeHandler(handler)

    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert (first["logger"], first["said"], first["level"]) == ("some.library", "cannot read %r", "warning")
    assert (second["said"], second["error"]) == ("Exception in ASGI application", "ValueError")
    assert "test_logs.py" in second["where"][-1]
    assert MARK not in stream.getvalue()
