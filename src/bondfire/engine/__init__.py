"""This member, this event, this programme: what follows?

Owns: `decide`, the member's state, the journal of events with their decisions, the passing of time, replay
and verification. Does not own: what a programme says (programs), how value moves (ledger), what an event
may hold (events), who asks (api, cli).
Invariants: `decide` is pure; an event counts once for ever; everything but the journal can be derived
from the journal again; actions never commit.
"""

from bondfire.engine.arrivals import pseudonymous
from bondfire.engine.cache import StateCache
from bondfire.engine.decide import advance, decide
from bondfire.engine.due import pass_time, run_due
from bondfire.engine.errors import IdentityConflict
from bondfire.engine.explain import ExplainedEntry, Explanation, explain_event, explain_member
from bondfire.engine.importing import import_events
from bondfire.engine.model import (
    Decision,
    Granted,
    MemberState,
    Purchase,
    PurchaseLine,
    Reason,
    Redemption,
    Standing,
    TierChange,
)
from bondfire.engine.process import Answer, Result, dry_run, process_events
from bondfire.engine.reading import Coming, EntryView, MemberView, WalletView, entries_of, read_member
from bondfire.engine.record import Statistics
from bondfire.engine.replay import ReplayResult, Retelling, replay, verify
from bondfire.engine.reporting import (
    Report,
    Unmatched,
    digest,
    find_events,
    list_members,
    report,
    unmatched_returns,
)
from bondfire.engine.reports.store import EventCount, EventPlace, TierCount
from bondfire.engine.retelling import Difference
from bondfire.engine.standing import Outlook, outlook
from bondfire.engine.ticks import next_due_at, pass_until
from bondfire.engine.totals import Totals, digest_of_chains, totals_of
from bondfire.engine.touches import Touches, touches
from bondfire.engine.writer import Imported

__all__ = [
    "Answer",
    "Coming",
    "Decision",
    "Difference",
    "EntryView",
    "EventCount",
    "EventPlace",
    "ExplainedEntry",
    "Explanation",
    "Granted",
    "IdentityConflict",
    "Imported",
    "MemberState",
    "MemberView",
    "Outlook",
    "Purchase",
    "PurchaseLine",
    "Reason",
    "Redemption",
    "ReplayResult",
    "Report",
    "Result",
    "Retelling",
    "Standing",
    "StateCache",
    "Statistics",
    "TierChange",
    "TierCount",
    "Totals",
    "Touches",
    "Unmatched",
    "WalletView",
    "advance",
    "decide",
    "digest",
    "digest_of_chains",
    "dry_run",
    "entries_of",
    "explain_event",
    "explain_member",
    "find_events",
    "import_events",
    "list_members",
    "next_due_at",
    "outlook",
    "pass_time",
    "pass_until",
    "process_events",
    "pseudonymous",
    "read_member",
    "replay",
    "report",
    "run_due",
    "totals_of",
    "touches",
    "unmatched_returns",
    "verify",
]
