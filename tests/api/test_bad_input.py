"""Bad input of every kind, in each form in which an event may come: a clear refusal, and nothing stored."""

import gzip
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from api.conftest import Door, everything
from bondfire.api.examples import ORDER
from programs.mistakes import MISTAKES, Mistake

PLAIN = {key: ORDER[key] for key in ("id", "type", "source", "member", "occurred_at", "currency")}
REVIEW = {**PLAIN, "type": "review.submitted", "currency": None, "sku": "A1"}
LINE = {"sku": "A1", "amount": "5"}
SURROGATE, NUL = "\\ud800", "\\u0000"


def written(event: dict[str, Any], **raw: str) -> bytes:
    """An event as JSON, with some values written just so."""
    told = {name: value for name, value in event.items() if value is not None}
    fields = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in told.items() if name not in raw]
    fields += [f"{json.dumps(name)}: {text}" for name, text in raw.items()]
    return ("{" + ", ".join(fields) + "}").encode()


def order(**raw: str) -> bytes:
    return written(PLAIN, **{"total": "5", **raw})


def review(**raw: str) -> bytes:
    return written(REVIEW, **{"rating": "5", **raw})


BAD = {
    # numbers
    "2^53 euros": (order(total=str(2**53)), "bad_amount", "10^15"),
    "2^63 euros": (order(total=str(2**63)), "bad_amount", "10^15"),
    "2^63 euros as a text": (order(total=f'"{2**63}"'), "bad_amount", "plain decimal"),
    "a cent beyond the limit": (order(total='"1000000000000000.01"'), "bad_amount", "10^15"),
    "1e400": (order(total="1e400"), "bad_amount", "plain decimal"),
    "1e-400": (order(total="1e-400"), "bad_amount", "plain decimal"),
    "1e999999999": (order(total="1e999999999"), "bad_amount", "plain decimal"),
    "five thousand digits": (order(total="9" * 5_000), "bad_json", "out of range"),
    "NaN": (order(total="NaN"), "bad_json", "not JSON"),
    "Infinity": (order(total="Infinity"), "bad_json", "not JSON"),
    "-Infinity": (order(total="-Infinity"), "bad_json", "not JSON"),
    "NaN as a text": (order(total='"NaN"'), "bad_amount", "plain decimal"),
    "below zero": (order(total="-1"), "bad_amount", "below zero"),
    "three decimals": (order(total="1.999"), "bad_amount", "at most 2 digits"),
    "decimals of a yen": (order(currency='"JPY"', total="1.5"), "bad_amount", "at most 0 digits"),
    "a comma": (order(total='"1,50"'), "bad_amount", "1,50"),
    "true": (order(total="true"), "bad_amount", "True"),
    "2^63 stars": (review(rating=str(2**63)), "out_of_range", "1 to 5"),
    "1e400 stars": (review(rating="1e400"), "wrong_kind", "whole number"),
    "-1 star": (review(rating="-1"), "out_of_range", "1 to 5"),
    "half a star": (review(rating="4.5"), "wrong_kind", "4.5"),
    # times
    "no offset": (order(occurred_at='"2026-03-29T01:59:59"'), "bad_time", "no offset"),
    "year 10000": (order(occurred_at='"10000-01-01T00:00:00Z"'), "bad_time", "RFC 3339"),
    "year 0": (order(occurred_at='"0000-01-01T00:00:00Z"'), "bad_time", "does not exist"),
    "year 1": (order(occurred_at='"0001-01-01T00:00:00Z"'), "bad_time", "1900 to 9000"),
    "30 February": (order(occurred_at='"2026-02-30T12:00:00Z"'), "bad_time", "does not exist"),
    "a leap second": (order(occurred_at='"2016-12-31T23:59:60Z"'), "bad_time", "leap second"),
    "an offset of 25 hours": (order(occurred_at='"2026-03-29T12:00:00+25:00"'), "bad_time", "not exist"),
    "a number": (order(occurred_at="1774749599"), "bad_time", "RFC 3339"),
    "not yet": (order(occurred_at='"2999-01-01T00:00:00Z"'), "event_in_future", "clock"),
    # names
    "an unknown type": (order(type='"order.plced"'), "unknown_type", "order.placed"),
    "a type in capitals": (order(type='"Order.Placed"'), "unknown_type", "order.placed"),
    "a type that is none": (order(type="[]"), "unknown_type", "built-in"),
    "an unknown field": (order(totl="1"), "unknown_field", "total"),
    "an unknown field of a line": (order(lines=json.dumps([{**LINE, "sk": 1}])), "unknown_field", "sku"),
    "an unknown currency": (order(currency='"EURO"'), "unknown_currency", "EUR"),
    # texts
    "a text of a megabyte": (order(coupon=f'"{"x" * 900_000}"'), "too_long", "200"),
    "a name of a megabyte": (order(**{"x" * 900_000: "1"}), "unknown_field", "Known are"),
    "NUL": (order(coupon=f'"a{NUL}b"'), "bad_text", "NUL"),
    "NUL in a name": (order(member=f'"a{NUL}b"'), "bad_text", "NUL"),
    "a lone surrogate": (order(coupon=f'"{SURROGATE}"'), "bad_json", "not JSON"),
    "half a pair": (order(coupon=f'"{SURROGATE}x"'), "bad_json", "not JSON"),
    "a control character in a name": (order(member='"c\\u0001"'), "bad_text", "U+0001"),
    "blanks around a name": (order(member='" c-17"'), "bad_text", "blanks"),
    # JSON
    "a key twice": (order()[:-1] + b', "total": 6}', "duplicate_key", "total"),
    "a key twice, once escaped": (order()[:-1] + b', "t\\u006ftal": 6}', "duplicate_key", "total"),
    "a key twice in a line": (order(lines='[{"amount": 5, "amount": 6}]'), "duplicate_key", "amount"),
    "bytes that are no UTF-8": (order(coupon='"?"').replace(b"?", b"\xff"), "bad_json", "not JSON"),
    "a comma too many": (order()[:-1] + b",}", "bad_json", "not JSON"),
}
FORMS: dict[str, Callable[[bytes], tuple[str, str, bytes]]] = {
    "alone": lambda event: ("/v1/events", "application/json", event),
    "tried": lambda event: ("/v1/events?dry_run=true", "application/json", event),
    "packed": lambda event: ("/v1/events", "application/json", gzip.compress(event)),
    "in a batch": lambda event: ("/v1/events/batch", "application/json", b"[" + event + b"]"),
    "a line of a batch": lambda event: ("/v1/events/batch", "application/x-ndjson", event),
}


def send(door: Door, headers: dict[str, str], form: str, event: bytes) -> httpx2.Response:
    path, media_type, body = FORMS[form](event)
    coding = {"Content-Encoding": "gzip"} if form == "packed" else {}
    return door.client.post(path, content=body, headers={**headers, **coding, "Content-Type": media_type})


def refusal_in(answer: httpx2.Response) -> dict[str, Any]:
    """What is said of the event, whether it came alone or in a batch; a batch that is no JSON has one too."""
    said = answer.json()
    if answer.status_code == 200:
        (said,) = said["results"]
        assert (said["outcome"], said["status"]) == ("malformed", 422)
        return {**said, "detail": said["message"]}
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    return dict(said)


@pytest.mark.parametrize("form", FORMS)
def test_a_bad_event_is_refused_in_every_form_and_nothing_is_stored(cafe: Door, form: str) -> None:
    headers = cafe.key("admin")
    before = everything(cafe)

    for kind, (event, code, says) in BAD.items():
        said = refusal_in(send(cafe, headers, form, event))
        assert (kind, said["code"]) == (kind, code)
        text = f"{said['detail']} {said['next_step']}"
        assert says in text or (form == "in a batch" and "not a JSON array" in text), (kind, text)
        assert said["next_step"], kind
        assert len(said["detail"]) < 1_000

    assert everything(cafe) == before


@pytest.mark.parametrize(
    ("total", "beans"),
    [
        ("2147483647", "2147483647"),
        ("2147483648", "2147483648"),
        ("4294967296.99", "4294967296"),
        ("999999999999999.99", "999999999999999"),
        ("1000000000000000", "1000000000000000"),
        ('"1000000000000000.00"', "1000000000000000"),
        ("1e2", "100"),
        ("1.50e1", "15"),
        ("5.000000", "5"),
    ],
)
def test_numbers_at_the_edge_are_exact(cafe: Door, total: str, beans: str) -> None:
    answer = send(cafe, cafe.key("admin"), "alone", order(total=total))

    assert answer.status_code == 200, answer.text
    assert answer.json()["entries"][0]["amount"] == beans


@pytest.mark.parametrize("total", ["0", "-0", "-0.0", '"-0"', '"-0.00"', "0e9"])
def test_no_zero_is_below_zero(cafe: Door, total: str) -> None:
    answer = send(cafe, cafe.key("admin"), "alone", order(total=total))

    assert (answer.status_code, answer.json()["entries"]) == (200, [])
    assert Decimal(answer.json()["wallets"]["beans"]["active"]) == 0


MEMBERS = "/v1/members/c-17"
SAID = {"kind": "email.marketing", "granted": True, "text_version": "1", "source": "checkout"}
NO_TIMES = ("2026-03-29T10:00:00", "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "2026-02-30T00:00:00Z")
BAD_CHANGES = [
    ("PUT", "profile", b'{"name": 5}', "bad_request", "name"),
    ("PUT", "profile", b'{"nmae": "Ann"}', "bad_request", "nmae"),
    ("PUT", "profile", b'{"name": "a\\u0000"}', "bad_input", "U+0000"),
    ("PUT", "profile", b'{"name": "\\ud800"}', "bad_input", "U+D800"),
    ("PUT", "profile", b'{"data": {"a": "\\ud800"}}', "bad_input", "U+D800"),
    ("PUT", "profile", b'{"data": {"a": 1e400}}', "bad_input", "data"),
    ("PUT", "profile", b'{"data": {"a": NaN}}', "bad_json", "NaN"),
    ("PUT", "profile", b'{"data": {"a": 1, "a": 2}}', "duplicate_key", "'a'"),
    ("PUT", "profile", b'{"name": "' + b"x" * 900_000 + b'"}', "bad_input", "900000"),
    ("PUT", "profile", b'{"data": {"a": "' + b"x" * 17_000 + b'"}}', "bad_input", "16384"),
    ("PUT", "profile", b'{"email": "ann"}', "bad_input", "@"),
    ("PUT", "profile", b"[]", "bad_request", "body"),
    ("PUT", "aliases", b'{"kind": "emial", "value": "a@b"}', "bad_input", "email"),
    ("PUT", "aliases", b'{"kind": "card", "value": 7004}', "bad_request", "value"),
    ("PUT", "aliases", b'{"kind": "device", "value": ""}', "bad_input", "device"),
    ("POST", "consents", written(SAID, kind='"E-mail"'), "bad_input", "kind"),
    ("POST", "consents", written(SAID, granted="1"), "bad_request", "granted"),
    *(
        ("POST", "consents", written(SAID, recorded_at=f'"{no}"'), "bad_time", "recorded_at")
        for no in NO_TIMES
    ),
]


def test_a_bad_change_of_a_member_is_refused_and_nothing_is_stored(door: Door) -> None:
    headers = {**door.key("admin"), "Content-Type": "application/json"}
    before = everything(door)

    for method, part, body, code, says in BAD_CHANGES:
        answer = door.client.request(method, f"{MEMBERS}/{part}", content=body, headers=headers)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (422, code), (body[:99], answer.text)
        assert says in f"{said['detail']} {said['next_step']}", (body[:99], answer.text)
        assert said["next_step"], body[:99]

    assert everything(door) == before


def test_a_programme_with_any_mistake_is_refused_with_its_place_and_nothing_is_published(door: Door) -> None:
    headers = door.key("admin")
    before = everything(door)

    for name, mistake in MISTAKES.items():
        answer = door.client.post("/v1/programs", content=mistake.document, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "bad_program"), name
        assert answer.json()["next_step"]
        assert mistake_told(mistake, answer) is not None, name

    assert everything(door) == before


def mistake_told(mistake: Mistake, answer: httpx2.Response) -> Any:
    """The error in an answer that names the mistake at its place."""
    return next(
        (
            error
            for error in answer.json()["errors"]
            if (error["code"], (error["line"], error["column"])) == (mistake.code, mistake.place)
            and mistake.says in f"{error['message']} {error['next_step']}"
        ),
        None,
    )
