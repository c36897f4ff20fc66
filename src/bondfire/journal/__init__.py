"""What happened, decided once and kept for ever; and everything that can be derived from it again.

Owns: the journal of events with their decisions, its projections (member states, older lots, purchases,
redemptions), the day on which each entry is posted, micro-batches, imports, the passing of time for stored
members, transfers between members, replay, verification and explanation; and what it announces to the
storeys above.
Does not own: what follows from an event (engine), who asks (api, cli).
Invariants: an event counts once for ever; the journal is only added to; every projection can be derived
from it again, to the last field; actions never commit, but imports, `pass_time`, `replay` and `verify`, which
own their connection, do.
"""

from bondfire.journal.arrivals import Arrival, arrival_of
from bondfire.journal.audit.replay import ReplayResult, Retelling, replay, verify
from bondfire.journal.audit.retelling import Difference
from bondfire.journal.cache import StateCache
from bondfire.journal.due import pass_time, run_due
from bondfire.journal.erasing import erase_from_journal, forget_words_of
from bondfire.journal.errors import UnknownEvent
from bondfire.journal.explain import ExplainedEntry, Explanation, explain_event, explain_member
from bondfire.journal.holding import (
    Decided,
    decided_before,
    decided_of_type,
    hold_member,
    member_for,
    used_of_budgets,
)
from bondfire.journal.importing.history import import_events
from bondfire.journal.importing.writer import Imported
from bondfire.journal.log.rows import MOVES
from bondfire.journal.merging import Because, Merge, merge_in_journal
from bondfire.journal.news.reading import (
    Announcement,
    announcements_after,
    buckets_with_news,
    entries_posted,
    news_after,
)
from bondfire.journal.orders import order_left
from bondfire.journal.own import decide_own, own_member, process_own, see_member
from bondfire.journal.pages.happenings import (
    MemberEvent,
    UnmatchedPlaced,
    events_page,
    first_due,
    unmatched_page,
)
from bondfire.journal.pages.holdings import (
    ChallengesView,
    StandingView,
    lots_page,
    place_of,
    read_challenges,
    read_holdings,
    read_standings,
)
from bondfire.journal.pages.store import LotPlace, ReturnPlace
from bondfire.journal.patterns.reading import read_activity
from bondfire.journal.patterns.store import Activity, Corrections
from bondfire.journal.phrases import LANGUAGES, Language
from bondfire.journal.planning import TierMove, plan_tiers
from bondfire.journal.pooling import (
    ReturnedOrders,
    due_back_of_order,
    returns_after,
    spendable_lots,
    tell_members,
)
from bondfire.journal.postings.reading import (
    OWED,
    Grain,
    entries_moved,
    open_lots_stored,
    posted_lines,
    wallets_stored,
)
from bondfire.journal.postings.store import Line, Moved
from bondfire.journal.process import (
    Answer,
    Result,
    budgets_seen,
    dry_run,
    earlier,
    lock_member,
    member_before,
    process_arrivals,
    process_events,
)
from bondfire.journal.reading import (
    Coming,
    EntryPlace,
    EntryView,
    MemberView,
    WalletView,
    entries_of,
    is_member,
    read_coupons,
    read_member,
)
from bondfire.journal.record import Statistics
from bondfire.journal.reporting import (
    CouponMoves,
    Report,
    Unmatched,
    coupon_moves,
    digest,
    find_events,
    list_members,
    report,
    unmatched_returns,
)
from bondfire.journal.reports.store import EventCount, EventPlace, TierCount
from bondfire.journal.transfers.carrying import carry_transfers
from bondfire.journal.transfers.reading import sent_to

__all__ = [
    "LANGUAGES",
    "MOVES",
    "OWED",
    "Activity",
    "Announcement",
    "Answer",
    "Arrival",
    "Because",
    "ChallengesView",
    "Coming",
    "Corrections",
    "CouponMoves",
    "Decided",
    "Difference",
    "EntryPlace",
    "EntryView",
    "EventCount",
    "EventPlace",
    "ExplainedEntry",
    "Explanation",
    "Grain",
    "Imported",
    "Language",
    "Line",
    "LotPlace",
    "MemberEvent",
    "MemberView",
    "Merge",
    "Moved",
    "ReplayResult",
    "Report",
    "Result",
    "Retelling",
    "ReturnPlace",
    "ReturnedOrders",
    "StandingView",
    "StateCache",
    "Statistics",
    "TierCount",
    "TierMove",
    "UnknownEvent",
    "Unmatched",
    "UnmatchedPlaced",
    "WalletView",
    "announcements_after",
    "arrival_of",
    "buckets_with_news",
    "budgets_seen",
    "carry_transfers",
    "coupon_moves",
    "decide_own",
    "decided_before",
    "decided_of_type",
    "digest",
    "dry_run",
    "due_back_of_order",
    "earlier",
    "entries_moved",
    "entries_of",
    "entries_posted",
    "erase_from_journal",
    "events_page",
    "explain_event",
    "explain_member",
    "find_events",
    "first_due",
    "forget_words_of",
    "hold_member",
    "import_events",
    "is_member",
    "list_members",
    "lock_member",
    "lots_page",
    "member_before",
    "member_for",
    "merge_in_journal",
    "news_after",
    "open_lots_stored",
    "order_left",
    "own_member",
    "pass_time",
    "place_of",
    "plan_tiers",
    "posted_lines",
    "process_arrivals",
    "process_events",
    "process_own",
    "read_activity",
    "read_challenges",
    "read_coupons",
    "read_holdings",
    "read_member",
    "read_standings",
    "replay",
    "report",
    "returns_after",
    "run_due",
    "see_member",
    "sent_to",
    "spendable_lots",
    "tell_members",
    "unmatched_page",
    "unmatched_returns",
    "used_of_budgets",
    "verify",
    "wallets_stored",
]
