"""On tables that nobody has analysed the hot statements still go by index, whatever the planner guesses."""

import json
from typing import Any
from uuid import UUID, uuid5

import pytest

from bondfire.db import connect, transaction
from bondfire.journal.caps import store as caps
from bondfire.journal.log import store as journal
from bondfire.journal.lots import store as lots
from bondfire.journal.purchases import store as purchases
from bondfire.journal.records import store as records
from bondfire.journal.transfers import store as transfers
from bondfire.ledger import SLIDING
from journal.store_makers import T0, history, store_of

NAMESPACE = UUID(int=7)
MANY = 1_000
ARGUMENTS: dict[str, Any] = {
    "brand_id": 1,
    "buckets": [number % 1024 for number in range(MANY)],
    "members": [uuid5(NAMESPACE, str(number)) for number in range(MANY)],
    "keys": [uuid5(NAMESPACE, str(number)) for number in range(MANY)],
    "numbers": list(range(MANY)),
    "firsts": [1] * MANY,
    "ends": [3] * MANY,
    "orders": [str(number) for number in range(MANY)],
    "units": [""] * MANY,
    "events": [str(number) for number in range(MANY)],
    "since": [T0] * MANY,
    "until": T0,
    "untils": [T0] * MANY,
    "held": ["{}"] * MANY,
    "caps": ["base/points/day/final"] * MANY,
    "lasts": [T0] * MANY,
    "sliding": SLIDING,
    "most": 1_000,
    "seqs": [0] * MANY,
}
OTHERWISE: dict[str, dict[str, Any]] = {"CAP_USES": {"firsts": [T0] * MANY}}
HOT = {
    "KNOWN_EVENTS": journal.KNOWN_EVENTS,
    "ORDERS_PLACED": journal.ORDERS_PLACED,
    "LOCK_HEADS": journal.LOCK_HEADS,
    "STATES": records.STATES,
    "DUE_MEMBERS": records.DUE_MEMBERS,
    "OPEN_LOTS": lots.OPEN_LOTS,
    "LOTS": lots.LOTS,
    "LOTS_TO_SPEND": lots.LOTS_TO_SPEND,
    "SLIDING_LOTS": lots.SLIDING_LOTS,
    "DUE_LOTS": lots.DUE_LOTS,
    "NEXT_DUE": lots.NEXT_DUE,
    "CAP_USES": caps.CAP_USES,
    "PARKED": purchases.PARKED,
    "PURCHASES": purchases.PURCHASES,
    "REDEMPTIONS": purchases.REDEMPTIONS,
    "REDEMPTIONS_OF_ORDERS": purchases.REDEMPTIONS_OF_ORDERS,
    "OPEN_REDEMPTIONS": purchases.OPEN_REDEMPTIONS,
    "TRANSFERS_BEHIND": transfers.TRANSFERS_BEHIND,
}
BY_INDEX = {"Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Bitmap Index Scan"}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("filled", [False, True])
def test_each_look_up_is_a_descent_of_an_index_by_bucket(database: str, name: str, *, filled: bool) -> None:
    store = store_of(database)
    if filled:
        store.send(*history(400, members=300))
    with connect(database) as conn, transaction(conn):
        conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        arguments = ARGUMENTS | OTHERWISE.get(name, {})
        row = conn.execute("EXPLAIN (FORMAT JSON) " + HOT[name], arguments).fetchone()
    assert row is not None
    plan = json.loads(row[0]) if isinstance(row[0], str) else row[0]
    scans = [node for node in nodes(plan[0]["Plan"]) if "Relation Name" in node]

    assert scans
    for scan in scans:
        conditions = " ".join(str(part.get("Index Cond", "")) for part in nodes(scan))
        assert scan["Node Type"] in BY_INDEX
        assert "bucket = asked.bucket" in conditions
        of_the_member = "asked." in conditions.replace("asked.bucket", "")
        assert of_the_member or name in {"LOCK_HEADS", "DUE_MEMBERS"}
