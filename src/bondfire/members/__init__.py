"""Whom do we know: the names a member goes by, their personal data, and what they agreed to.

Owns: aliases, profiles, consents, and which accounts became part of another one. Does not own: points, tiers
and what happened (the journal knows members by pseudonymous ids only), nor the attributes rules may see,
which come as events. Invariants: an alias belongs to one member, and a consent is added, never changed, until
the person is erased; personal data stand here and nowhere else, so that erasing a profile and its aliases
leaves the books whole.
"""

from bondfire.members.actions import amend_profile, claim_alias, erase_person, record_consent, save_profile
from bondfire.members.merging import merge_people
from bondfire.members.model import (
    ALIAS_KINDS,
    CODE_BYTES,
    Alias,
    Brand,
    Consent,
    Consents,
    Profile,
    check_reference,
    new_code,
    normalise_alias,
    shown_code,
)
from bondfire.members.queries import (
    accounts_of,
    find_by_alias,
    find_member,
    find_members,
    members_of_codes,
    named_account,
    read_aliases,
    read_consents,
    read_profile,
    references_of,
    resolve_members,
    survivor_of,
    survivors_of,
)

__all__ = [
    "ALIAS_KINDS",
    "CODE_BYTES",
    "Alias",
    "Brand",
    "Consent",
    "Consents",
    "Profile",
    "accounts_of",
    "amend_profile",
    "check_reference",
    "claim_alias",
    "erase_person",
    "find_by_alias",
    "find_member",
    "find_members",
    "members_of_codes",
    "merge_people",
    "named_account",
    "new_code",
    "normalise_alias",
    "read_aliases",
    "read_consents",
    "read_profile",
    "record_consent",
    "references_of",
    "resolve_members",
    "save_profile",
    "shown_code",
    "survivor_of",
    "survivors_of",
]
