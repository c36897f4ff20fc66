"""The end of a campaign: what was acknowledged is there exactly once, and follows as it was answered."""

import json
from collections import Counter, defaultdict
from datetime import datetime
from decimal import Decimal
from math import floor
from typing import Any, NamedTuple
from uuid import UUID

from bondfire.api.answers import forecast_of
from bondfire.api.events import write_json
from bondfire.api.shapes import wallet_of
from bondfire.db import connect
from bondfire.engine import Decision, MemberState, advance, digest_of_chains, pass_until
from bondfire.events import parse_live_event
from bondfire.journal import digest, replay, verify
from bondfire.kit import member_id_of
from bondfire.ledger import Wallet
from bondfire.members import read_consents, read_profile
from bondfire.programs import Brand, Timeline
from campaign.clients import Acknowledged
from campaign.shop import BRAND, MEMBERS, Raw

JOURNAL = """
SELECT member_id, event_id, source, recorded_at FROM journal
WHERE brand_id = %s ORDER BY bucket, seq
"""


class Row(NamedTuple):
    """What the judge takes from the journal: the order, and when an event was learned of."""

    member_id: UUID
    event_id: str
    source: str
    recorded_at: datetime


class Judge:
    """Decides everything that was acknowledged again, in memory, and compares."""

    def __init__(self, dsn: str, brand: Brand, timeline: Timeline, heard: Acknowledged) -> None:
        self.dsn = dsn
        self.brand = brand
        self.timeline = timeline
        self.heard = heard
        self.names = {member_id_of(BRAND, name): name for name in (f"m-{n}" for n in range(MEMBERS))}
        self.states: dict[str, MemberState] = {}

    def judge(self) -> None:
        """All of it."""
        rows = self._journal()
        self._each_is_there_once(rows)
        for row in rows:
            self._decide(row)
        self._sums_are_those_of_the_acknowledged()
        self._books_are_those_of_the_simulation()
        self._changes_are_there_once()

    def _journal(self) -> list[Row]:
        with connect(self.dsn) as conn:
            return [Row(*row) for row in conn.execute(JOURNAL, [self.brand.id])]

    def _each_is_there_once(self, rows: list[Row]) -> None:
        there = Counter((self.names[row.member_id], row.event_id) for row in rows if row.source)
        assert there == Counter(self.heard.events.keys())

    def _decide(self, row: Row) -> None:
        """One row again: the event as its sender remembers it, or the passing of time."""
        name = self.names[row.member_id]
        state = self.states.setdefault(name, MemberState(row.member_id))
        if not row.source:
            assert pass_until(self.timeline, state, row.recorded_at) is not None
            return
        sent, answers = self.heard.events[name, row.event_id]
        catalogue = self.timeline.newest.program.catalogue
        event = parse_live_event(sent, catalogue, recorded_at=row.recorded_at)
        decision = advance(self.timeline, state, event)
        said = json.loads(write_json(forecast_of(event, row.member_id, decision)))
        for answer in answers:
            if "entries" in answer and isinstance(answer["entries"], list):
                assert without_circumstances(answer) == without_circumstances(said)
                assert answer["duplicate"] or answer["wallets"] == self._wallets(state)
            else:
                assert is_row_of(answer, decision)

    def _wallets(self, state: MemberState) -> dict[str, Any] | None:
        if state.joined_at is None:
            return None
        wallets = state.ledger.wallets
        units = sorted(self.timeline.newest.program.units)
        return {unit: wallet_of(wallets.get(unit, Wallet())) for unit in units}

    def _sums_are_those_of_the_acknowledged(self) -> None:
        """By nothing but arithmetic: what each member was promised for orders, and what was taken."""
        issued, spent = defaultdict[str, Decimal](Decimal), defaultdict[str, Decimal](Decimal)
        for (member, _), (event, answers) in self.heard.events.items():
            if event["type"] == "order.placed":
                issued[member] += floor(Decimal(event["total"]))
            elif event["type"] == "points.spent" and was_taken(answers[0]):
                spent[member] += Decimal(event["amount"])
        for name, state in self.states.items():
            wallet = state.ledger.wallets.get("points", Wallet())
            assert (wallet.issued, wallet.spent) == (issued[name], spent[name]), name

    def _books_are_those_of_the_simulation(self) -> None:
        simulated = digest_of_chains((state.id, state.ledger.chain) for state in self.states.values())
        with connect(self.dsn) as conn:
            assert digest(conn, self.brand) == simulated
        assert replay(self.dsn, self.brand, self.timeline).digest == simulated
        assert verify(self.dsn, self.brand, self.timeline).differences == []

    def _changes_are_there_once(self) -> None:
        """Each key has one answer, each consent is there, and the last word on a profile stands."""
        answers = defaultdict[str, set[bytes]](set)
        consents, profiles = defaultdict[str, set[str]](set), dict[str, str]()
        for call, content in self.heard.changes:
            assert call.change is not None
            member, name = call.change
            answers[call.headers["Idempotency-Key"]].add(content)
            said = json.loads(call.body)
            if name == "consents":
                consents[member].add(said["kind"])
            else:
                profiles[member] = said["name"]
        assert {key for key, given in answers.items() if len(given) > 1} == set()
        with connect(self.dsn) as conn:
            assert conn.execute("SELECT count(*) FROM given_answer").fetchone() == (len(answers),)
            for member_id, name in self.names.items():
                history = read_consents(conn, self.brand, member_id).history
                assert Counter(one.kind for one in history) == Counter(consents[name])
                assert read_profile(conn, self.brand, member_id).name == profiles.get(name)


def without_circumstances(answer: Raw) -> Raw:
    """The decision in an answer, without how and when it was asked for."""
    return {key: value for key, value in answer.items() if key not in {"duplicate", "dry_run", "wallets"}}


def is_row_of(answer: Raw, decision: Decision) -> bool:
    """Whether a row of a batch tells of this decision, for the first time or again."""
    told = (answer["entries"], answer["code"] or "")
    return answer["outcome"] in {decision.outcome, "duplicate"} and told == (
        len(decision.entries),
        decision.code,
    )


def was_taken(answer: Raw) -> bool:
    """Whether an event was not refused; a row of a batch that came again says only why it was."""
    return answer["outcome"] != "refused" and not answer.get("code")
