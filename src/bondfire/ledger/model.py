"""One member's books: lots, wallets and entries, and what each account means.

An entry moves an amount of one unit from the account it debits to the account it credits; one row is
a whole double entry, so debits equal credits at every prefix of the journal (L18). A credit on a member's
account is something the programme owes them.

    member's accounts     pending       earned, waiting for its release
                          active        can be spent
                          held          set aside for a payment that is under way
                          debt          clawed back beyond the balance; the next points pay it
    programme's accounts  issued        the cost of what was given
                          spent         redeemed by members
                          expired       lapsed
                          clawed_back   taken back by returns and corrections
                          written_off   a return that could not be taken back: a loss
                          in_transit    sent to another member and not received by them yet; each side of a
                                        transfer, or of a merge, balances on its own, and summed over members
                                        it is what is under way
"""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

ZERO = Decimal(0)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
"""The place in the spending order of a lot that does not expire: after all others (L1)."""

UNDECIDED = datetime(9999, 12, 29, tzinfo=UTC)
"""When a lot can be spent that a person has to decide about: no time releases it."""
SLIDING = datetime(9999, 12, 30, tzinfo=UTC)
"""Stands as the end of a lot whose end slides with that of others (see `Slide`): no lot of its own ends then,
and in the order of ends it comes after all that end and before those that never do."""


class Account(StrEnum):
    """Where an amount can stand."""

    PENDING = "pending"
    ACTIVE = "active"
    HELD = "held"
    DEBT = "debt"
    ISSUED = "issued"
    SPENT = "spent"
    EXPIRED = "expired"
    CLAWED_BACK = "clawed_back"
    WRITTEN_OFF = "written_off"
    IN_TRANSIT = "in_transit"


class Kind(StrEnum):
    """What an entry did, in one word for members and auditors."""

    EARN = "earn"
    RELEASE = "release"
    PAY_DEBT = "pay_debt"
    SPEND = "spend"
    HOLD = "hold"
    CAPTURE = "capture"
    LET_GO = "let_go"
    RESTORE = "restore"
    EXPIRE = "expire"
    CLAW_BACK = "claw_back"
    WRITE_OFF = "write_off"
    ADJUST = "adjust"
    SEND = "send"
    RECEIVE = "receive"
    SEND_BACK = "send_back"
    MERGE = "merge"
    ABSORB = "absorb"


class Cause(msgspec.Struct, frozen=True, gc=False):
    """Why something is posted; see `Entry`."""

    event: str
    version: int
    effective_at: datetime
    posted_at: datetime
    rule: str = ""
    reverses: int = 0


class Entry(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """One posted movement and its cause; never edited, never deleted.

    Attributes:
        number: counts from 1 for each member, over all units.
        lot: the lot it concerns, 0 for none.
        event: id of the event, "" for the passing of time.
        rule: the earn rule, "" for none.
        version: the programme version that made the decision (U12).
        effective_at: when it happened.
        posted_at: when it counts in the books; later than `effective_at` only when that month was closed.
        reverses: number of the entry this one takes back, 0 for none (R1).
    """

    number: int
    unit: str
    kind: Kind
    debit: Account
    credit: Account
    amount: Decimal
    lot: int
    event: str
    rule: str
    version: int
    effective_at: datetime
    posted_at: datetime
    reverses: int


class Lot(msgspec.Struct, gc=False, array_like=True):
    """What one award put into a wallet.

    Attributes:
        number: counts from 1 for each member.
        amount: what was earned; `left` of it is still there and not held, `expired` of it lapsed.
        entry: number of the entry that earned it.
        rule: the rule that gave it, "" for an adjustment.
        is_pending: not yet released.
        expires_at: it is gone at this very instant (half-open, L4); None for never, SLIDING for that of
            the `Slide` of its unit.
    """

    number: int
    unit: str
    amount: Decimal
    left: Decimal
    event: str
    rule: str
    entry: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    is_pending: bool
    expired: Decimal = ZERO

    @property
    def due_at(self) -> datetime | None:
        """When time alone next changes it: its release, then its expiry; None when nothing is left."""
        if not self.left:
            return None
        if self.is_pending:
            return self.available_at
        return None if self.slides else self.expires_at

    @property
    def slides(self) -> bool:
        """Whether activity moves its end (L11)."""
        return self.expires_at == SLIDING

    @property
    def spending_order(self) -> tuple[datetime, datetime, int]:
        """First what expires first, lots without expiry last, then the older, then the id (L1)."""
        return (self.expires_at or NEVER, self.earned_at, self.number)


class Wallet(msgspec.Struct, gc=False, array_like=True):
    """The balances of one unit: of a member, or summed over members (L18: the sum of all postings).

    Attributes:
        issued: everything ever given. spent: net of what was given back.
        clawed_back: taken back from members, debts included. written_off: could not be taken back.
        held: set aside by holds; it cannot be spent otherwise and does not expire (L6).
        in_transit: sent to other members less received from them; summed over members, what is under way.
    """

    issued: Decimal = ZERO
    active: Decimal = ZERO
    pending: Decimal = ZERO
    debt: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO
    clawed_back: Decimal = ZERO
    written_off: Decimal = ZERO
    held: Decimal = ZERO
    in_transit: Decimal = ZERO

    @property
    def liability(self) -> Decimal:
        """What can still be claimed; of members summed also what is under way between them."""
        return self.active + self.pending + self.held + self.in_transit

    def __add__(self, other: "Wallet") -> "Wallet":
        return Wallet(*(getattr(self, name) + getattr(other, name) for name in self.__struct_fields__))


class Slide(msgspec.Struct, gc=False, array_like=True):
    """The one end of all lots of a unit that slide (L11).

    Attributes:
        ends_at: when they end, unless activity moves it on; None: they ended, and nothing slides since.
        first_lot: lots with lower numbers ended before, at the latest at `ended_at`.
    """

    ends_at: datetime | None
    first_lot: int
    ended_at: datetime | None = None


class LotPart(msgspec.Struct, frozen=True, gc=False):
    """How much of a movement one lot gave or took (L2)."""

    lot: int
    amount: Decimal


Due = tuple[datetime, bool, int]
"""A lot's next appointment: when, whether it expires then, and its number; releases come before expiries."""


class Ledger(msgspec.Struct, gc=False):
    """All books of one member.

    Attributes:
        wallets: by unit.
        lots: by number: at least those that a decision can touch (see `engine.touches`).
        sliding: the end of what slides, by unit.
        chain: BLAKE2b over every entry and tier change in order: two histories are equal if these are.
        due: heap of appointments; `spendable`: per unit a heap in spending order, `slidable` of those that
            slide. All may name lots that are gone; those are passed over.
        due_elsewhere: the first appointment of the lots that are not in `lots`, None when there is none.
        changed_lots: numbers of lots made earlier that have changed since they were loaded.
    """

    wallets: dict[str, Wallet] = msgspec.field(default_factory=dict)
    lots: dict[int, Lot] = msgspec.field(default_factory=dict)
    next_entry: int = 1
    next_lot: int = 1
    chain: bytes = bytes(16)
    due: list[Due] = msgspec.field(default_factory=list)
    due_elsewhere: datetime | None = None
    spendable: dict[str, list[tuple[datetime, datetime, int]]] = msgspec.field(default_factory=dict)
    changed_lots: set[int] = msgspec.field(default_factory=set)
    sliding: dict[str, Slide] = msgspec.field(default_factory=dict)
    slidable: dict[str, list[tuple[datetime, int]]] = msgspec.field(default_factory=dict)

    def wallet(self, unit: str) -> Wallet:
        """The wallet of a unit, opened when it is first asked for."""
        found = self.wallets.get(unit)
        if found is None:
            found = self.wallets[unit] = Wallet()
        return found

    def open_lots(self, unit: str) -> list[Lot]:
        """What is left of a unit, lot by lot, in spending order, each with the end that it has now."""
        lots = [self.as_now(lot) for lot in self.lots.values() if lot.unit == unit and lot.left]
        return sorted(lots, key=lambda lot: lot.spending_order)

    def as_now(self, lot: Lot) -> Lot:
        """A lot with the end that it has now; of one that slides that is the end of the others too."""
        if not lot.slides:
            return lot
        slide = self.sliding[lot.unit]
        ends_at = slide.ends_at if self.is_sliding(lot) else slide.ended_at
        return msgspec.structs.replace(lot, expires_at=ends_at)

    def is_sliding(self, lot: Lot) -> bool:
        """Whether the end of a lot that slides has not come yet."""
        slide = self.sliding.get(lot.unit)
        return slide is not None and slide.ends_at is not None and lot.number >= slide.first_lot
