"""Compare what is stored of a bucket with what its journal says, row by row and field by field."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import msgspec

from bondfire.engine import shown_member
from bondfire.journal.audit.retelling import Difference, Retold, text_of
from bondfire.journal.audit.store import StoredTable
from bondfire.journal.boards.store import score_values
from bondfire.journal.budgets.store import share_values
from bondfire.journal.caps.store import cap_use_values
from bondfire.journal.log.rows import JournalRow
from bondfire.journal.lots.store import lot_values
from bondfire.journal.purchases.store import parked_values, purchase_values, redemption_values
from bondfire.journal.record import MemberRecord, plain_body, read_wallets
from bondfire.journal.records.store import state_values
from bondfire.ledger import ZERO, Account, Entry, Wallet

_JSON: Final = frozenset({"body", "decision", "wallets"})
Row = tuple[Any, ...]
Differing = tuple[str, str, str]
"""Field, stored and derived value."""


def compare(told: Retold, stored: Iterable[StoredTable], head: int) -> Iterator[Difference]:
    """The first wrong row of each table, the journal first."""
    if told.unreadable is not None:
        yield told.unreadable
        return
    journal = StoredTable(
        "journal", JournalRow.__struct_fields__, 2, [msgspec.structs.astuple(row) for row in told.rows]
    )
    derived = _derived(told)
    derived["journal"] = [msgspec.structs.astuple(row) for row in told.batch.rows]
    for table in (journal, *stored):
        difference = _first_difference(table, derived[table.name])
        if difference is not None:
            yield difference
    if head != told.batch.heads[told.bucket]:
        key = f"bucket {told.bucket}"
        yield Difference("bucket_head", key, "next_seq", str(head), str(told.batch.heads[told.bucket]))
    yield from _unbalanced(told)


def _derived(told: Retold) -> dict[str, list[Row]]:
    records = list(told.batch.changed.values())
    for record in records:
        record.settle()
    states = [record.state for record in records]
    return {
        "lot": [
            lot_values(record.state.id, lot)
            for record in records
            for number, lot in record.state.ledger.lots.items()
            if number <= record.rows_end
        ],
        "purchase": [
            purchase_values(state.id, one)
            for state in states
            for one in state.purchases.values()
            if one.returns
        ],
        "redemption": [
            redemption_values(state.id, one) for state in states for one in state.redemptions.values()
        ],
        "parked_return": [
            parked_values(state.id, order, returns)
            for state in states
            for order, returns in state.parked.items()
        ],
        "cap_use": [cap_use_values(*use) for record in records for use in record.older_cap_uses()],
        "budget_share": [share_values(*key, used) for key, used in told.batch.shares.items()],
        "board_score": [score_values(key[0], score) for key, score in told.batch.scores.items()],
        "member_state": [state_values(record) for record in records],
    }


def _first_difference(table: StoredTable, derived: list[Row]) -> Difference | None:
    stored_by_key = {row[: table.key]: row for row in table.rows}
    derived_by_key = {row[: table.key]: row for row in derived}
    for key in sorted(stored_by_key.keys() | derived_by_key.keys()):
        stored, following = stored_by_key.get(key), derived_by_key.get(key)
        found = _differ_row(table.columns, stored, following)
        if found is not None:
            return Difference(table.name, _key_text(table, key), *found)
    return None


def _differ_row(columns: tuple[str, ...], stored: Row | None, derived: Row | None) -> Differing | None:
    if stored is None:
        return "row", "not there", "there"
    if derived is None:
        return "row", "there", "not there"
    compared = zip(columns, stored, derived[: len(columns)], strict=True)
    found = (_differ(*values) for values in compared)
    return next((differing for differing in found if differing is not None), None)


def _key_text(table: StoredTable, key: Row) -> str:
    shown = [shown_member(part) if isinstance(part, UUID) else str(part) for part in key]
    named = (f"{name} {value}" for name, value in zip(table.columns, shown, strict=False))
    return ", ".join(named).replace("member_id ", "member ")


def _differ(column: str, stored: Any, derived: Any) -> Differing | None:
    """How a column differs."""
    if stored == derived:
        return None
    if column in _JSON:
        try:
            stored_value, derived_value = _read(column, stored), _read(column, derived)
        except msgspec.MsgspecError:
            return column, text_of(stored), text_of(derived)
        return _differ_inside(column, stored_value, derived_value)
    return column, text_of(stored), text_of(derived)


def _read(column: str, value: Any) -> Any:
    if column == "wallets":
        return {unit: msgspec.structs.asdict(wallet) for unit, wallet in read_wallets(value).items()}
    return plain_body(value) if isinstance(value, bytes) else msgspec.json.decode(value)


def _differ_inside(path: str, stored: Any, derived: Any) -> Differing | None:
    if isinstance(stored, dict) and isinstance(derived, dict):
        names: Iterable[Any] = sorted(stored.keys() | derived.keys())
        pairs = [(name, stored.get(name), derived.get(name)) for name in names]
    elif isinstance(stored, list) and isinstance(derived, list) and len(stored) == len(derived):
        pairs = [
            (number, one, other) for number, (one, other) in enumerate(zip(stored, derived, strict=True))
        ]
    else:
        return None if stored == derived else (path, text_of(stored), text_of(derived))
    found = (_differ_inside(f"{path}.{name}", one, other) for name, one, other in pairs)
    return next((difference for difference in found if difference is not None), None)


def _unbalanced(told: Retold) -> Iterator[Difference]:
    """Balances that are not the sum of their postings and of their open lots (L18)."""
    by_member: dict[UUID, list[Entry]] = {}
    for member_id, entries in told.batch.posted:
        by_member.setdefault(member_id, []).extend(entries)
    for member_id, record in told.batch.changed.items():
        for unit, wallet in record.state.ledger.wallets.items():
            yield from _balances(record, unit, wallet, by_member.get(member_id, ()))


def _balances(
    record: MemberRecord, unit: str, wallet: Wallet, entries: Sequence[Entry]
) -> Iterator[Difference]:
    ledger = record.state.ledger
    postings: dict[str, Decimal] = {}
    for entry in entries:
        if entry.unit == unit:
            postings[entry.credit] = postings.get(entry.credit, ZERO) + entry.amount
            postings[entry.debit] = postings.get(entry.debit, ZERO) - entry.amount
    left = {True: ZERO, False: ZERO}
    for lot in ledger.open_lots(unit):
        left[lot.is_pending] += lot.left
    owed, in_transit = -postings.get(Account.DEBT, ZERO), postings.get(Account.IN_TRANSIT, ZERO)
    held = record.state.held(unit)
    expected = {
        "active": (wallet.active, postings.get(Account.ACTIVE, ZERO), left[False]),
        "pending": (wallet.pending, postings.get(Account.PENDING, ZERO), left[True]),
        "debt": (wallet.debt, owed, owed),
        "in_transit": (wallet.in_transit, in_transit, in_transit),
        "held": (wallet.held, postings.get(Account.HELD, ZERO), held),
    }
    key = f"member {shown_member(record.state.id)}, unit {unit}"
    for name, (balance, posted, in_lots) in expected.items():
        if not balance == posted == in_lots:
            sums = f"{posted} by its postings and {in_lots} by its lots"
            yield Difference("wallet", key, name, str(balance), sums)
    if sum(postings.values(), ZERO) != 0:
        yield Difference("entry", key, "debits less credits", str(sum(postings.values(), ZERO)), "0")
