"""What a unit is worth: read exactly, refused where nobody could claim it, and kept in its currency."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from bondfire.db import connect
from bondfire.programs import (
    PublishError,
    check_program,
    ensure_brand,
    list_versions,
    program_schema,
    publish_program,
)
from programs.documents import DOCUMENT, only_problem, program

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def valued(keys: str, unit: str = "pending: 14 days") -> str:
    """The document whose points have further keys."""
    return DOCUMENT.replace(unit, f"{unit}, {keys}", 1)


def test_value_and_redemption_are_exact() -> None:
    points = program(valued("value: 0.000001, redemption: 0.95")).units["points"]

    assert (points.value, points.redemption) == (Decimal("0.000001"), Decimal("0.95"))
    assert program(valued('value: "12.50", redemption: 1')).units["points"].redemption == 1
    assert program(DOCUMENT).units["points"].value is None


@pytest.mark.parametrize(
    ("document", "code", "where"),
    [
        (valued("value: 0.01", "qualifying: true"), "value_never_spent", "units.status.value"),
        (valued("redemption: 0.5"), "redemption_without_value", "units.points.redemption"),
        (valued("value: 0"), "bad_value", "units.points.value"),
        (valued("value: -0.01"), "bad_value", "units.points.value"),
        (valued("value: 0.0000001"), "bad_value", "units.points.value"),
        (valued("value: cheap"), "bad_value", "units.points.value"),
        (valued("value: 1, redemption: 0"), "bad_value", "units.points.redemption"),
        (valued("value: 1, redemption: 1.01"), "bad_value", "units.points.redemption"),
        (valued("value: 1, redemtion: 0.8"), "unknown_key", "units.points.redemtion"),
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_place(document: str, code: str, where: str) -> None:
    problem = only_problem(document)

    assert (problem.code, problem.where) == (code, where)
    assert problem.line == 6 + (where.startswith("units.status"))
    assert problem.next_step


def test_a_part_that_is_never_spent_of_what_never_ends_is_doubted() -> None:
    endless = DOCUMENT.replace("expires: {after: 24 months, round: end_of_month}, ", "")

    doubted = check_program(endless.replace("14 days", "14 days, value: 1, redemption: 0.9", 1))
    certain = check_program(endless.replace("14 days", "14 days, value: 1, redemption: 1", 1))

    assert [one.code for one in doubted.warnings] == ["unspent_for_ever"]
    assert doubted.program
    assert certain.warnings == ()


def test_the_schema_knows_the_bounds() -> None:
    keys = program_schema()["properties"]["units"]["additionalProperties"]["properties"]

    assert keys["value"]["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0}
    assert keys["redemption"]["anyOf"][0] == {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


def test_the_currency_of_a_value_stays(database: str) -> None:
    euros, pounds = valued("value: 0.01"), valued("value: 0.01").replace("EUR", "GBP")
    with connect(database) as conn:
        brand = ensure_brand(conn, "kaminrot", "wall", created_at=NOON)
        publish_program(conn, brand.id, DOCUMENT, published_at=NOON, published_by="ida")
        publish_program(conn, brand.id, DOCUMENT.replace("EUR", "CHF"), published_at=NOON, published_by="ida")
        publish_program(conn, brand.id, euros, published_at=NOON, published_by="ida")

        with pytest.raises(PublishError, match="in EUR") as refused:
            publish_program(conn, brand.id, pounds, published_at=NOON, published_by="ida")

        assert refused.value.code == "currency_changed"
        assert len(list_versions(conn, brand.id)) == 3
