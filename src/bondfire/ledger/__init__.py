"""What is owed: double-entry books of every member, in exact amounts.

Owns: accounts, entries, lots, wallets, and every movement of value. Does not own: why value moves
(engine), what a unit is (programs), where the books are kept (engine's store).
Invariants: an entry is never edited; debits equal credits at every prefix; a wallet's balance equals the
sum of its postings and of its open lots; no balance passes 10^15; no binary floating point.
"""

from bondfire.ledger.book import Book, reopen
from bondfire.ledger.errors import NotEnough, Overflow
from bondfire.ledger.merging import hand_over, handed_over, take_over, unite_slides
from bondfire.ledger.model import (
    SLIDING,
    UNDECIDED,
    ZERO,
    Account,
    Cause,
    Due,
    Entry,
    Kind,
    Ledger,
    Lot,
    LotPart,
    Slide,
    Wallet,
)
from bondfire.ledger.movements import (
    Grant,
    TakenBack,
    adjust_down,
    capture,
    earn,
    expire,
    hold,
    let_go,
    release,
    restore,
    spend,
    take_back,
)
from bondfire.ledger.sliding import expire_sliding, let_slide, next_slide, prolong
from bondfire.ledger.transfers import Parcel, receive, send, send_back

__all__ = [
    "SLIDING",
    "UNDECIDED",
    "ZERO",
    "Account",
    "Book",
    "Cause",
    "Due",
    "Entry",
    "Grant",
    "Kind",
    "Ledger",
    "Lot",
    "LotPart",
    "NotEnough",
    "Overflow",
    "Parcel",
    "Slide",
    "TakenBack",
    "Wallet",
    "adjust_down",
    "capture",
    "earn",
    "expire",
    "expire_sliding",
    "hand_over",
    "handed_over",
    "hold",
    "let_go",
    "let_slide",
    "next_slide",
    "prolong",
    "receive",
    "release",
    "reopen",
    "restore",
    "send",
    "send_back",
    "spend",
    "take_back",
    "take_over",
    "unite_slides",
]
