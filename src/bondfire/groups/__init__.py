"""Accounts that belong together: two of one person that become one; members who spend as one.

Owns: the act of merging two accounts, in every folder at once; households and companies, who is in them,
and what they spent together. Does not own: what each side's books say (engine, journal), whom a name means
(members).
Invariants: everything of either account is there once after a merge, and whatever comes later for the one
goes to the other; a merge is done once and never undone. Points of a group stay in the wallets of its
members: a spending is one event for each who pays, and nobody is in a group who has not said yes. Actions
never commit.
"""

from bondfire.groups.actions import (
    accept,
    dissolve,
    found_group,
    invite,
    leave,
    read_group,
    switch_pooling,
)
from bondfire.groups.merging import Merged, merge_members, preview_merge
from bondfire.groups.model import KINDS, ROLES, Belonging, Group, Kind, Role
from bondfire.groups.spending import Wish, give_back_returned, spend_together
from bondfire.groups.store import Spending

__all__ = [
    "KINDS",
    "ROLES",
    "Belonging",
    "Group",
    "Kind",
    "Merged",
    "Role",
    "Spending",
    "Wish",
    "accept",
    "dissolve",
    "found_group",
    "give_back_returned",
    "invite",
    "leave",
    "merge_members",
    "preview_merge",
    "read_group",
    "spend_together",
    "switch_pooling",
]
