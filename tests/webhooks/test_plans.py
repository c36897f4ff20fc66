"""On tables that nobody has analysed a worker's look-ups go by index, whatever the planner guesses."""

import json
from typing import Any
from uuid import UUID

import pytest

from bondfire.journal.news import store as news
from bondfire.kit import BUCKETS
from bondfire.members import store as members
from bondfire.webhooks import Answer
from bondfire.webhooks.deliveries import store as deliveries
from bondfire.webhooks.endpoints import store as endpoints
from bondfire.webhooks.queues import store as queues
from webhooks.makers import NOON, Brand, Receiver, orders

ONE = UUID(int=7)
ARGUMENTS: dict[str, Any] = {
    "brand_id": 1,
    "bucket": 7,
    "buckets": list(range(BUCKETS)),
    "seqs": [0] * BUCKETS,
    "endpoint_id": ONE,
    "endpoints": [ONE],
    "member_id": ONE,
    "members": [ONE] * 100,
    "delivery_id": ONE,
    "now": NOON,
    "before": NOON,
    "before_id": ONE,
    "after": NOON,
    "after_id": ONE,
    "since": NOON,
    "due_at": NOON,
    "seq": 1,
    "line": 1,
    "state": "",
    "type": "",
    "most": 100,
}
HOT = {
    "ROWS_AT": news.ROWS_AT,
    "BUCKETS_WITH_NEWS": news.BUCKETS_WITH_NEWS,
    "REFERENCES_OF_MEMBERS": members.REFERENCES_OF_MEMBERS,
    "POSITIONS": endpoints.POSITIONS,
    "LOCK_POSITIONS": endpoints.LOCK_POSITIONS,
    "DUE_DELIVERIES": queues.DUE_DELIVERIES,
    "REPORT_FIRST_DUE": queues.REPORT_FIRST_DUE,
    "LOCK_QUEUE": queues.LOCK_QUEUE,
    "POSTPONE_QUEUE": queues.POSTPONE_QUEUE,
    "END_QUEUE": queues.END_QUEUE,
    "LOCK_DELIVERY": deliveries.LOCK_DELIVERY,
    "REPORT_DELIVERIES": deliveries.REPORT_DELIVERIES,
    "DELIVERIES_OF_MEMBER": deliveries.DELIVERIES_OF_MEMBER,
    "REPORT_SINCE": deliveries.REPORT_SINCE,
    "SINCE_OF_MEMBER": deliveries.SINCE_OF_MEMBER,
    "DELETE_DONE": deliveries.DELETE_DONE,
}


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


@pytest.mark.parametrize("name", HOT)
@pytest.mark.parametrize("filled", [False, True])
def test_each_look_up_goes_by_index(brand: Brand, name: str, *, filled: bool) -> None:
    brand.endpoint()
    if filled:
        brand.tell(*(one for number in range(200) for one in orders(number, member=f"c-{number % 50}")))
        receiver = Receiver(brand.clock, lambda heard: Answer(200 if heard.event < "ord-15" else 500))
        brand.deliver(receiver)

    def explain(conn: Any) -> Any:
        conn.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        return conn.execute("EXPLAIN (FORMAT JSON) " + HOT[name], ARGUMENTS).fetchone()[0]

    plan = brand.act(explain)
    plan = json.loads(plan) if isinstance(plan, str) else plan
    scans = [
        node for node in nodes(plan[0]["Plan"]) if "Relation Name" in node and "Scan" in node["Node Type"]
    ]

    assert scans
    for scan in scans:
        assert scan["Node Type"] in {"Index Scan", "Index Only Scan", "Bitmap Heap Scan"}, scan
