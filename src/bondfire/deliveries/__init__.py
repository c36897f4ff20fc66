"""What others deliver: taken into journal and profiles, and kept where it cannot be.

Owns: endpoints of shops with their secrets, rejects, whose a shop's orders are, and the act of taking a
parcel. Does not own: the words of others (doors), what follows from an event (journal), or who has a key
(access). Invariants: what was acknowledged is in the journal, in a profile, or among the rejects; the
same delivery again changes nothing; rejects are bounded, and whoever finds no room is told so; secrets
leave here only to verify.
"""

from bondfire.deliveries.desk import Desk
from bondfire.deliveries.hooks.actions import add_hook, revoke_hook
from bondfire.deliveries.hooks.model import HOOK_RANDOM_BYTES, Hook
from bondfire.deliveries.hooks.queries import OpenHook, list_hooks, open_hook
from bondfire.deliveries.model import RejectsFull, Taken, Work, read_all
from bondfire.deliveries.naming import tie_anonymous
from bondfire.deliveries.rejects.actions import drop_reject, drop_topic, forget_member
from bondfire.deliveries.rejects.model import Place, Reject
from bondfire.deliveries.rejects.queries import find_reject, list_rejects
from bondfire.deliveries.taking import take

__all__ = [
    "HOOK_RANDOM_BYTES",
    "Desk",
    "Hook",
    "OpenHook",
    "Place",
    "Reject",
    "RejectsFull",
    "Taken",
    "Work",
    "add_hook",
    "drop_reject",
    "drop_topic",
    "find_reject",
    "forget_member",
    "list_hooks",
    "list_rejects",
    "open_hook",
    "read_all",
    "revoke_hook",
    "take",
    "tie_anonymous",
]
