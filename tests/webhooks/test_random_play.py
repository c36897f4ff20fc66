"""Endpoints, announcements, failures, kills and people who send again, at random, against the oracle."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from threading import Lock
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bondfire.db import Pool, connect, transaction
from bondfire.kit import EPOCH, member_id_of, show_id
from bondfire.programs import ensure_brand, load_timeline, publish_program
from bondfire.webhooks import Answer, Message, Postman, resend_deliveries, resend_delivery
from bondfire.webhooks.leases.model import LEASE
from journal.store_makers import SIMPLE, T0, Store, back, order
from webhooks.makers import Brand, Clock, Heard
from webhooks.oracle import MINUTES, TIDIES_EVERY, Ear, Item, Line

SETTINGS = settings(
    max_examples=9,
    stateful_step_count=80,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
"""Nothing is shrunk: which of many hands is first differs from run to run."""
MEMBERS = ("c-1", "c-2", "c-3")
TYPES = ("points.posted", "return.parked")
ANSWERS = {
    "well": Answer(200),
    "broken": Answer(500),
    "away": Answer(None, "no_connection"),
    "busy": Answer(429, retry_after="7200"),
    "gone": Answer(410),
}
STORED = """
SELECT endpoint_id, member_id, type, state, tries FROM webhook_delivery
WHERE brand_id = %s ORDER BY endpoint_id, bucket, member_id, seq, line
"""
PASSES = st.sampled_from([1, 10, 400, 9_000, 40_000, 110_000])
MOOD = st.sampled_from([*ANSWERS, "picky"])
MOODS = st.tuples(MOOD, MOOD, MOOD)
"""Of the receivers in a run; a picky one does not like one member."""
members = st.sampled_from(MEMBERS)
chances = st.integers(0, 1_000_000)


class Killed(BaseException):
    """The worker is killed while it sends."""


class Play(RuleBasedStateMachine):
    """What can happen, in any order."""

    dsn: ClassVar[str] = ""
    counted: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        name = f"brand-{uuid4().hex}"
        with connect(self.dsn) as conn, transaction(conn):
            owner = ensure_brand(conn, name, "events", created_at=EPOCH)
            text = SIMPLE.replace("kaminrot", name)
            publish_program(conn, owner.id, text, published_at=T0, published_by="test")
            store = Store(self.dsn, owner, load_timeline(conn, owner.id))
        self.pool = Pool(self.dsn, size=2)
        self.brand = Brand(store, self.pool, Clock())
        self.names = {show_id("mem", member_id_of(name, one)): one for one in MEMBERS}
        self.ears: dict[UUID, Ear] = {}
        self.moods: tuple[str, ...] = ()
        self.numbers = 0
        self.left = 0
        self.sent: list[tuple[Item, str, int]] = []
        self.wrong: list[str] = []
        self.lock = Lock()
        self.start_worker()

    def start_worker(self) -> None:
        self.tidies_at = self.brand.clock()
        self.postman = Postman(
            self.pool, self, worker=uuid4().hex, now=self.brand.clock, chance=Random(self.numbers)
        )

    @rule(happens=st.lists(st.tuples(members, st.sampled_from(TYPES)), min_size=1, max_size=6))
    def announce(self, happens: list[tuple[str, str]]) -> None:
        """Members buy, or bring back what nobody knows of."""
        events = []
        for member, type_ in happens:
            self.numbers += 1
            at, number = T0 + timedelta(minutes=self.numbers), self.numbers
            lost = {"order": f"lost-{number}", "total": "5"}
            bought = type_ == "points.posted"
            event = order(number, at, member=member) if bought else back(number, at, member=member, **lost)
            events.append(event)
            for ear in self.ears.values():
                ear.unheard.append((member, event.id, type_))
        self.brand.tell(*events)

    @initialize()
    def somebody_listens(self) -> None:
        """There is an endpoint from the beginning."""
        self.begin_to_listen(())

    @precondition(lambda self: len(self.ears) < 3)
    @rule(types=st.sampled_from([(), TYPES[:1], TYPES[1:]]))
    def begin_to_listen(self, types: tuple[str, ...]) -> None:
        """An endpoint hears what is announced from now on."""
        random = uuid4().int % 2**32
        self.brand.endpoints = random
        endpoint, _ = self.brand.endpoint(f"https://e{len(self.ears)}.example/", types=types)
        self.ears[endpoint.id] = Ear(list(types))

    @precondition(lambda self: self.ears)
    @rule(chance=chances, on=st.booleans())
    def switch(self, chance: int, *, on: bool) -> None:
        """Somebody switches an endpoint on or off."""
        endpoint_id = self.one_of(self.ears, chance)
        self.switch_to(endpoint_id, on=on)

    def switch_to(self, endpoint_id: UUID, *, on: bool) -> None:
        ear = self.ears[endpoint_id]
        self.brand.change(self.endpoint(endpoint_id), is_active=on)
        if on != (ear.state == "active"):
            ear.state = "active" if on else "disabled"
            ear.strikes, ear.rests_until, ear.failing_since = 0, None, (None, None)

    @precondition(lambda self: self.ears)
    @rule(chance=chances, types=st.sampled_from([(), TYPES[:1], TYPES[1:]]))
    def hear_others(self, chance: int, types: tuple[str, ...]) -> None:
        """An endpoint wants to hear something else from what it hears next."""
        endpoint_id = self.one_of(self.ears, chance)
        self.brand.change(self.endpoint(endpoint_id), types=types)
        self.ears[endpoint_id].types = list(types)

    @rule(seconds=PASSES, moods=MOODS)
    def work(self, seconds: int, moods: tuple[str, ...]) -> None:
        """Time passes, and a worker does everything that is due."""
        self.brand.clock.pass_(seconds=seconds)
        self.moods = moods
        self.run()
        now = self.brand.clock()
        for endpoint_id, ear in self.ears.items():
            allowed = ear.fare(now)
            state = str(self.brand.health(self.endpoint(endpoint_id))[0])
            assert state in allowed, (state, allowed)
            self.count("disabled", state != ear.state)
            ear.state = state
            resting = ear.rests_until is not None and now < ear.rests_until
            if state == "active" and not resting:
                assert not [name for name, line in ear.lines.items() if line.must_be_sent(now)]

    @rule(mood=st.sampled_from(["broken", "away", "picky"]), runs=st.integers(3, 12))
    def bad_days(self, mood: str, runs: int) -> None:
        """Everything fails, and is tried again each time it is due."""
        for minutes in (0, *MINUTES, 1_440, 1_440)[:runs]:
            self.work(int(minutes * 75), (mood, mood, mood))

    @rule(seconds=PASSES, moods=MOODS, messages=st.integers(1, 6))
    def work_until_killed(self, seconds: int, moods: tuple[str, ...], messages: int) -> None:
        """A worker is killed in the middle; what it answered last may have been written down or not."""
        self.brand.clock.pass_(seconds=seconds)
        self.moods, self.left = moods, messages
        try:
            self.run()
        except Killed:
            self.count("killed", 1)
            self.start_worker()
        self.left = 0
        self.adopt()
        self.brand.clock.pass_(seconds=LEASE.total_seconds() + 1)

    def count(self, what: str, times: int) -> None:
        self.counted[what] = self.counted.get(what, 0) + times

    def run(self) -> None:
        self.sent.clear()
        now = self.brand.clock()
        for ear in self.ears.values():
            ear.answers.clear()
            ear.listen(now)
            if now >= self.tidies_at:
                ear.tidy(now)
        if now >= self.tidies_at:
            self.tidies_at = now + TIDIES_EVERY
        try:
            self.postman.deliver()
        finally:
            assert self.wrong == []
        self.count("sent", len(self.sent))

    def post(self, message: Message) -> Answer:
        """The gateway: the receiver looks at the message and answers as it is in the mood to."""
        heard = Heard(self.brand.clock(), message.url, dict(message.headers), message.body)
        data = heard.payload["data"]
        member, number = self.names[data["member_id"]], int(message.url[len("https://e")])
        endpoint_id = [*self.ears][number]
        with self.lock:
            if self.left:
                self.left -= 1
                if not self.left:
                    self.left = 1
                    raise Killed
            ear, mood = self.ears[endpoint_id], self.moods[number]
            complaint = ear.complaint(member, data["event"], heard.at)
            if complaint:
                self.wrong.append(complaint)
                return Answer(200)
            item = ear.lines[member].first
            assert item is not None
            self.sent.append((item, item.state, item.tries))
            picked = "broken" if member == "c-1" else "well"
            answer = ANSWERS[picked if mood == "picky" else mood]
            self.count(mood, 1)
            self.count("given_up", item.tries == len(MINUTES) and answer.status != 200)
            ear.take(member, answer, heard.at)
            return answer

    def adopt(self) -> None:
        """After a kill: each delivery is as before its last attempt or as after it."""
        stored = self.stored()
        before = {id(item): (state, tries) for item, state, tries in self.sent}
        for endpoint_id, ear in self.ears.items():
            for member, line in ear.lines.items():
                found = stored.get((endpoint_id, member), [])
                for item, (type_, *now) in zip(line.items, found, strict=True):
                    after = (item.state, item.tries)
                    assert type_ == item.type
                    assert tuple(now) in {after, before.get(id(item), after)}
                    item.state, item.tries = now
                    item.done_at = None if item.state == "waiting" else item.done_at
                line.due = (None, None)
            ear.answers.clear()
            state, _, ear.rests_until = self.brand.health(self.endpoint(endpoint_id))
            ear.state = str(state)
            (known,) = self.brand.rows(
                "SELECT strikes, failing_since FROM webhook_endpoint WHERE endpoint_id = %s", endpoint_id
            )
            ear.strikes, ear.failing_since = known[0], (known[1], known[1])
            self.forget_due(endpoint_id, ear)

    def forget_due(self, endpoint_id: UUID, ear: Ear) -> None:
        """When lines are due is as it was written down."""
        rows = self.brand.rows(
            "SELECT member_id, due_at FROM webhook_queue WHERE endpoint_id = %s", endpoint_id
        )
        due = {self.names[show_id("mem", member_id)]: due_at for member_id, due_at in rows}
        for member, line in ear.lines.items():
            assert (member in due) == (line.first is not None)
            if member in due:
                line.due = (due[member], due[member])

    @precondition(lambda self: any(self.lines()))
    @rule(chance=chances)
    def send_one_again(self, chance: int) -> None:
        """Somebody sends one delivery again."""
        endpoint_id, member, line = self.one_of([*self.lines()], chance)
        if self.ears[endpoint_id].state == "active":
            place = chance % len(line.items)
            rows = self.brand.rows(
                "SELECT delivery_id FROM webhook_delivery WHERE endpoint_id = %s AND member_id = %s "
                "ORDER BY seq, line",
                endpoint_id,
                member_id_of(self.brand.store.brand.name, member),
            )
            now = self.brand.clock()
            owner, chosen = self.brand.store.brand, rows[place][0]
            self.brand.act(lambda conn: resend_delivery(conn, owner, chosen, now=now))
            line.resend([line.items[place]], now)
            self.ears[endpoint_id].rests_until = None

    @precondition(lambda self: any(self.lines()))
    @rule(chance=chances)
    def send_a_member_again(self, chance: int) -> None:
        """Somebody sends everything of a member again, to all endpoints."""
        _, member, _ = self.one_of([*self.lines()], chance)
        self.resend(endpoint_id=None, member_id=member_id_of(self.brand.store.brand.name, member))
        for endpoint_id, name, line in self.lines():
            if name == member and self.ears[endpoint_id].state == "active":
                line.resend(line.items, self.brand.clock())
                self.ears[endpoint_id].rests_until = None

    @precondition(lambda self: self.ears)
    @rule(chance=chances, hours=st.integers(0, 100))
    def send_again_since(self, chance: int, hours: int) -> None:
        """Somebody sends again what an endpoint was told in the last hours."""
        endpoint_id = self.one_of(self.ears, chance)
        ear, since = self.ears[endpoint_id], self.brand.clock() - timedelta(hours=hours)
        if ear.state == "active":
            self.resend(endpoint_id=endpoint_id, since=since)
            for line in ear.lines.values():
                some = [item for item in line.items if item.created_at >= since]
                line.resend(some, self.brand.clock())
                ear.rests_until = None if some else ear.rests_until

    def resend(self, **wanted: Any) -> None:
        wanted = {"endpoint_id": None, "member_id": None, "since": None, **wanted}
        now, owner = self.brand.clock(), self.brand.store.brand
        self.brand.act(lambda conn: resend_deliveries(conn, owner, **wanted, now=now))

    def lines(self) -> Iterator[tuple[UUID, str, Line]]:
        for endpoint_id, ear in self.ears.items():
            for member, line in ear.lines.items():
                yield endpoint_id, member, line

    def one_of(self, some: Any, chance: int) -> Any:
        return [*some][chance % len(some)]

    def endpoint(self, endpoint_id: UUID) -> Any:
        class Named:
            id = endpoint_id

        return Named

    def stored(self) -> dict[tuple[UUID, str], list[tuple[Any, ...]]]:
        found: dict[tuple[UUID, str], list[tuple[Any, ...]]] = {}
        for endpoint_id, member_id, *rest in self.brand.rows(STORED, self.brand.store.brand.id):
            name = self.names[show_id("mem", member_id)]
            found.setdefault((endpoint_id, name), []).append(tuple(rest))
        return found

    def compare(self) -> None:
        """What is stored is what the oracle says, delivery for delivery."""
        told = {
            (endpoint_id, member): [(item.type, item.state, item.tries) for item in line.items]
            for endpoint_id, member, line in self.lines()
        }
        assert self.stored() == told

    def teardown(self) -> None:
        """In the end everybody is well, and nothing was lost."""
        try:
            for endpoint_id in self.ears:
                self.switch_to(endpoint_id, on=True)
            self.work(200_000, ("well",) * 3)
            self.compare()
            assert {item.state for _, _, line in self.lines() for item in line.items} <= {
                "delivered",
                "given_up",
            }
        finally:
            self.brand.rows_gone("UPDATE webhook_endpoint SET state = 'removed'")
            self.postman.close()
            self.pool.close()


def test_random_play_is_as_the_oracle_says(database: str) -> None:
    class OurPlay(Play):
        dsn = database
        counted: ClassVar[dict[str, int]] = {}

    run_state_machine_as_test(OurPlay, settings=SETTINGS)

    assert OurPlay.counted["sent"] > 300
    assert min(OurPlay.counted[what] for what in (*ANSWERS, "picky", "killed", "disabled", "given_up")) > 2


@pytest.mark.parametrize("wrong", ["early", "out of turn", "to a disabled endpoint"])
def test_the_oracle_complains_of_what_is_wrong(wrong: str) -> None:
    now = T0
    ear = Ear([])
    ear.unheard = [("c-1", "a", TYPES[0]), ("c-1", "b", TYPES[0])]
    ear.listen(now)
    assert ear.complaint("c-1", "a", now) == ""

    if wrong == "early":
        ear.take("c-1", ANSWERS["broken"], now)
    if wrong == "to a disabled endpoint":
        ear.state = "disabled"

    assert ear.complaint("c-1", "b" if wrong == "out of turn" else "a", now)
