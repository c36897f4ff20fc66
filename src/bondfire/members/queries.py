"""What can be asked of members: who is this, what are they called, what did they agree to."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from bondfire.db import Connection
from bondfire.errors import BadInput, NotFound
from bondfire.kit import member_id_of, parse_id
from bondfire.members import store
from bondfire.members.merges import store as merges
from bondfire.members.model import Alias, Brand, Consents, Profile, check_reference, normalise_alias


def resolve_members(conn: Connection, brand: Brand, references: Sequence[str]) -> dict[str, UUID]:
    """The member behind each reference: an alias's if there is one, else the id made of the reference.

    Where that account became part of another, it is the other.
    One query for all of them, for the hot path: references are expected to be checked already
    (`check_reference`).
    """
    made = {reference: member_id_of(brand.name, reference) for reference in references}
    return made | store.members_of_references(conn, brand.id, made)


def references_of(conn: Connection, brand: Brand, members: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The references that were claimed for each member, in order; one query for all of them.

    The reference that a member's id was made of is kept nowhere, so it is not among them.
    """
    found: dict[UUID, list[str]] = {member_id: [] for member_id in members}
    for member_id, reference in store.references_of_members(conn, brand.id, list(found)):
        found[member_id].append(reference)
    return found


def find_member(conn: Connection, brand: Brand, reference: str) -> UUID:
    """The member that people mean by `c-17` or by an id such as `mem_...`.

    Every reference names a member, also one who has done nothing yet; whether anything is known of them
    is for the engine to say.

    Raises:
        BadInput: it cannot be a reference.
    """
    checked = check_reference(reference)
    return find_members(conn, brand, [checked])[checked]


def find_members(conn: Connection, brand: Brand, references: Sequence[str]) -> dict[str, UUID]:
    """`find_member` for several at once; references are expected to be checked already."""
    found: dict[str, UUID] = {}
    for reference in references:
        if reference.startswith("mem_"):
            with suppress(BadInput):  # a brand may call its customers mem_1, mem_2, ...
                found[reference] = parse_id("mem", reference)
    if found:
        survivors = merges.survivors_of(conn, brand.id, list(found.values()))
        found = {reference: survivors.get(member_id, member_id) for reference, member_id in found.items()}
    others = [reference for reference in references if reference not in found]
    return found | (resolve_members(conn, brand, others) if others else {})


def members_of_codes(conn: Connection, brand: Brand, names: Sequence[str]) -> dict[str, UUID]:
    """The members whose referral codes are among these names; other names are left out."""
    codes: dict[str, str] = {}
    for name in names:
        with suppress(BadInput):  # it is a reference
            codes[name] = normalise_alias("referral", name).value
    found = store.members_of_codes(conn, brand.id, list(codes.values())) if codes else {}
    return {name: found[code] for name, code in codes.items() if code in found}


def named_account(conn: Connection, brand: Brand, reference: str) -> UUID:
    """The account that a reference or id was made for, also one that became part of another since.

    Raises:
        BadInput: it cannot be a reference.
    """
    checked = check_reference(reference)
    if checked.startswith("mem_"):
        with suppress(BadInput):
            return parse_id("mem", checked)
    own = member_id_of(brand.name, checked)
    if merges.survivors_of(conn, brand.id, [own]):
        return own
    return resolve_members(conn, brand, [checked])[checked]


def find_by_alias(conn: Connection, brand: Brand, kind: str, value: str) -> UUID:
    """The member who goes by an e-mail address, card or other alias.

    Raises:
        BadInput: it cannot be an alias of that kind.
        NotFound: nobody has it.
    """
    alias = normalise_alias(kind, value)
    member_id = store.member_of_alias(conn, brand.id, alias)
    if member_id is None:
        raise NotFound(f"No member has this {alias.kind}.", next_step="Check it, or claim it for a member.")
    return merges.survivors_of(conn, brand.id, [member_id]).get(member_id, member_id)


def survivor_of(conn: Connection, brand: Brand, member_id: UUID) -> UUID | None:
    """The account that this one became part of; None while it stands alone."""
    return merges.survivors_of(conn, brand.id, [member_id]).get(member_id)


def survivors_of(conn: Connection, brand: Brand, members: Sequence[UUID]) -> dict[UUID, UUID]:
    """For those of these accounts that became part of another, the other; one query for all of them."""
    return merges.survivors_of(conn, brand.id, members)


def accounts_of(conn: Connection, brand: Brand, member_id: UUID) -> list[UUID]:
    """A member's own account, and those that became part of it, the first of them first."""
    return [member_id, *merges.formers_of(conn, brand.id, member_id)]


def read_aliases(conn: Connection, brand: Brand, member_id: UUID) -> list[Alias]:
    """All names a member goes by, besides the reference their id was made of."""
    return store.aliases_of_member(conn, brand.id, member_id)


def read_profile(conn: Connection, brand: Brand, member_id: UUID) -> Profile:
    """A member's personal data; empty when we have none."""
    return store.profile_of_member(conn, brand.id, member_id) or Profile()


def read_consents(conn: Connection, brand: Brand, member_id: UUID) -> Consents:
    """What a member agreed to and took back: `.current` by kind, and the whole `.history`."""
    return Consents(store.consents_of_member(conn, brand.id, member_id))
