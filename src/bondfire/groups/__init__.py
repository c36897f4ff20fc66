"""Accounts that belong together: two of one person that become one.

Owns: the act of merging two accounts, in every folder at once. Does not own: what each side's books say
(engine, journal), whom a name means (members).
Invariants: everything of either account is there once after a merge, and whatever comes later for the one
goes to the other; a merge is done once and never undone; actions never commit.
"""

from bondfire.groups.merging import Merged, merge_members, preview_merge

__all__ = ["Merged", "merge_members", "preview_merge"]
