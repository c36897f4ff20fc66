"""`bondfire coupons`: codes as files, once, and what coupons gave and lost."""

from pathlib import Path
from textwrap import dedent

import pytest

from bondfire.coupons import Basket, confirm_basket
from bondfire.db import connect, transaction
from bondfire.events import CATALOGUE, parse_event
from bondfire.journal import process_events
from bondfire.programs import brand_named, load_timeline
from cli.conftest import Command, Ended

DOCUMENT = """\
program: corner
brand: corner-cafe
timezone: Europe/Berlin
currency: EUR
units: {points: {}}
earn: {base: {on: order.placed, award: {points: floor(event.total)}}}
coupons:
  five_off: {discount: {amount: 5.00}, issue: {on: order.placed, when: event.total >= 100}}
"""


@pytest.fixture
def coupons(installed: Command, tmp_path: Path) -> Command:
    """`bondfire coupons` for a brand that has one."""
    program = tmp_path / "corner.yaml"
    program.write_text(dedent(DOCUMENT))
    assert installed("publish", program, "--clock", "events").code == 0

    def act(verb: str, *words: object) -> Ended:
        return installed("coupons", verb, *words, "--brand", "corner-cafe")

    return act


def test_codes_are_written_once_for_bearers_or_for_members_and_counted(
    coupons: Command, tmp_path: Path
) -> None:
    out, members = tmp_path / "codes.csv", tmp_path / "members.txt"
    members.write_text("c-1\nc-2\n")

    made = coupons("create", "five_off", "--count", 50, "--batch", "May", "--out", out)
    assert "50 codes of the batch 'May' are in" in made.out
    lines = out.read_text().splitlines()
    assert (lines[0], len(set(lines)), lines[1][-1]) == ("code,member", 51, ",")
    assert coupons("create", "five_off", "--count", 1, "--out", out).code == 1
    bound = coupons("create", "five_off", "--members", members).out.splitlines()
    assert [line.split(",")[1] for line in bound] == ["member", "c-1", "c-2"]

    assert coupons("revoke", "--batch", "May").out == "50 codes open nothing any more.\n"
    assert coupons("revoke", "--code", bound[1].split(",")[0].lower(), "--json").json == {"revoked": 1}
    batches = coupons("list", "--json").json["batches"]
    assert isinstance(batches, list)
    assert [(one["codes"], one["revoked"]) for one in batches] == [(50, 50), (2, 1)]
    assert "five_off" in coupons("list").out


def test_given_codes_are_imported_from_a_file_once(coupons: Command, tmp_path: Path) -> None:
    given = tmp_path / "partner.csv"
    given.write_text("code,member\nSPRING-26,\n\nONLY-FOR-1,c-1\n")

    first = coupons("import", "five_off", given, "--batch", "partner", "--uses", 0, "--json").json
    assert first == {"coupon": "five_off", "batch": "partner", "codes": 2, "added": 2}
    assert "0 of 2 codes are new" in coupons("import", "five_off", given, "--batch", "partner").out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("create", "five_of", "--count", 1), "unknown_coupon"),
        (("create", "five_off"), "usage"),
        (("create", "five_off", "--count", 0), "bad_count"),
        (("create", "five_off", "--count", 1, "--expires", "soon"), "bad_time"),
        (("revoke",), "usage"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_do(
    coupons: Command, words: tuple[object, ...], code: str
) -> None:
    refused = coupons(*words, "--json")

    assert refused.code in {1, 2}
    assert refused.json["code"] == code
    assert refused.json["next_step"]


def test_r15_what_coupons_gave_and_lost_is_reported_by_when_it_was_known(
    coupons: Command, database: str
) -> None:
    head = {"source": "shop", "member": "c-1", "currency": "EUR"}
    raw = {
        **head,
        "type": "order.placed",
        "id": "1",
        "total": "120.00",
        "occurred_at": "2026-01-10T12:00:00Z",
    }
    first, back = (
        parse_event(one, CATALOGUE)
        for one in (
            raw,
            {
                **head,
                "type": "order.returned",
                "id": "r",
                "order": "1",
                "occurred_at": "2026-02-10T12:00:00Z",
            },
        )
    )
    with connect(database) as conn, transaction(conn):
        brand = brand_named(conn, "corner-cafe")
        timeline = load_timeline(conn, brand.id)
        (told,) = process_events(conn, brand, timeline, [first])
        assert told.decision is not None
        coupon = next(one.note for one in told.decision.told if one.code == "coupon_issued")
        second = {**raw, "id": "2", "total": "50.00", "occurred_at": "2026-01-11T12:00:00Z"}
        confirm_basket(conn, brand, timeline, Basket(parse_event(second, CATALOGUE), [coupon]))
        process_events(conn, brand, timeline, [back])

    assert coupons("report", "--json").json == {
        "coupons": [
            {"coupon": "five_off", "what": "issued", "times": 1, "amount": "0"},
            {"coupon": "five_off", "what": "lost", "times": 1, "amount": "5"},
            {"coupon": "five_off", "what": "used", "times": 1, "amount": "5"},
        ]
    }
    january = coupons("report", "--until", "2026-02-01", "--json").json["coupons"]
    assert isinstance(january, list)
    assert [one["what"] for one in january] == ["issued", "used"]
    assert "lost" in coupons("report", "--since", "2026-02-01").out
