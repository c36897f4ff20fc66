"""What can be done about groups: found one, invite, accept, leave, dissolve; whoever leaves takes theirs."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from bondfire.db import Connection
from bondfire.engine import shown_member
from bondfire.groups import store
from bondfire.groups.errors import InAnotherGroup, NotOffered, UnknownGroup
from bondfire.groups.model import (
    KINDS,
    ROLES,
    Belonging,
    Group,
    Kind,
    Role,
    check_owner_left,
    check_room,
    check_word,
)
from bondfire.journal import read_standings
from bondfire.kit import digest_of, show_id
from bondfire.members import find_member
from bondfire.programs import Brand, Pooling, Timeline


def found_group(
    conn: Connection, brand: Brand, timeline: Timeline, *, kind: Kind, owner: str, at: datetime
) -> Group:
    """Found a household or a company; its owner is its first member, and can be in no other group.

    Args:
        conn: in a transaction; never committed here.
        brand: whose members.
        timeline: the versions of its programme; the newest says what is allowed.
        kind: household or company.
        owner: reference or id of a member.
        at: the brand's time.

    Raises:
        BadInput: another kind, or no reference.
        NotFound: nobody has joined under it.
        Conflict: the programme has no such groups, or the owner is in another one.
    """
    check_word(kind, "kind", KINDS)
    pooling = pooling_of(timeline, kind)
    member_id = _member(conn, brand, timeline, owner, at=at)
    name = digest_of("group", brand.name, kind, member_id.hex, at.isoformat())
    founder = Belonging(member_id=member_id, role="owner", invited_at=at, joined_at=at)
    group = Group(
        group_id=UUID(bytes=name),
        kind=kind,
        is_pooled=pooling.pooled,
        created_at=at,
        belongings=(founder,),
    )
    _check_alone(conn, brand, member_id)
    store.insert_group(conn, brand.id, group)
    return group


def pooling_of(timeline: Timeline, kind: Kind) -> Pooling:
    """What the newest version lets groups of a kind do.

    Raises:
        NotOffered: it has none.
    """
    found = timeline.newest.program.groups.get(kind)
    if found is None:
        key = {"household": "households", "company": "companies"}[kind]
        raise NotOffered(
            f"This programme has no groups of the kind {kind}.", next_step=f"Give it the section `{key}`."
        )
    return found


def read_group(conn: Connection, brand: Brand, group_id: UUID, *, locked: bool = False) -> Group:
    """A group as it is.

    Raises:
        UnknownGroup: there is none, or it was dissolved.
    """
    found = store.group_of(conn, brand.id, group_id, locked=locked)
    if found is None:
        raise UnknownGroup(
            f"There is no group {show_id('grp', group_id)}.", next_step="Check the id; it may be dissolved."
        )
    return found


def invite(
    conn: Connection,
    brand: Brand,
    timeline: Timeline,
    group_id: UUID,
    *,
    member: str,
    role: Role,
    at: datetime,
) -> Group:
    """Invite a member, who is in it once they accept; of one who is in it already the role is changed.

    Raises:
        BadInput: no such role. NotFound: no such group or member.
        Conflict: it is full, or its last owner would be none any more.
    """
    check_word(role, "role", ROLES)
    group = read_group(conn, brand, group_id, locked=True)
    member_id = _member(conn, brand, timeline, member, at=at)
    known = next((one for one in group.belongings if one.member_id == member_id), None)
    if known is None:
        check_room(group, pooling_of(timeline, group.kind))
        known = Belonging(member_id=member_id, role=role, invited_at=at)
    elif role != "owner":
        check_owner_left(group, member_id)
    store.write_belonging(conn, brand.id, group_id, replace(known, role=role))
    return read_group(conn, brand, group_id)


def accept(conn: Connection, brand: Brand, group_id: UUID, *, member: str, at: datetime) -> Group:
    """Say yes to an invitation; only then do the member's points count for the group. Again: no change.

    Raises:
        NotFound: no such group, or no invitation. InAnotherGroup: they are in one.
    """
    group = read_group(conn, brand, group_id, locked=True)
    found = group.member(find_member(conn, brand, member))
    if found.joined_at is None:
        _check_alone(conn, brand, found.member_id)
        store.write_belonging(conn, brand.id, group_id, replace(found, joined_at=at))
    return read_group(conn, brand, group_id)


def leave(conn: Connection, brand: Brand, group_id: UUID, *, member: str, at: datetime) -> Group | None:
    """Let a member go, or an invitation lapse; what they have not spent stays theirs. None: nobody is left.

    Raises:
        NotFound: no such group, or they are not in it. LastOwner: others stay without an owner.
    """
    group = read_group(conn, brand, group_id, locked=True)
    found = group.member(find_member(conn, brand, member))
    check_owner_left(group, found.member_id)
    store.delete_belonging(conn, brand.id, group_id, found.member_id)
    if not [one for one in group.joined if one != found.member_id]:
        store.change_group(conn, brand.id, group, is_pooled=False, dissolved_at=at)
        return None
    return read_group(conn, brand, group_id)


def switch_pooling(conn: Connection, brand: Brand, group_id: UUID, *, is_pooled: bool) -> Group:
    """Let a group spend from all its members, or each from their own.

    Raises:
        UnknownGroup: there is none.
    """
    group = read_group(conn, brand, group_id, locked=True)
    store.change_group(conn, brand.id, group, is_pooled=is_pooled)
    return replace(group, is_pooled=is_pooled)


def dissolve(conn: Connection, brand: Brand, group_id: UUID, *, at: datetime) -> None:
    """End a group; everybody keeps what is theirs, and what was spent can still be given back.

    Raises:
        UnknownGroup: there is none.
    """
    group = read_group(conn, brand, group_id, locked=True)
    store.change_group(conn, brand.id, group, is_pooled=False, dissolved_at=at)


def follow_merge(conn: Connection, brand: Brand, pair: tuple[UUID, UUID]) -> None:
    """Let the survivor of two merged accounts be in the group of the other, if in none themselves."""
    former, survivor = pair
    is_alone = not any(joined for _, joined in store.groups_of_member(conn, brand.id, survivor))
    for group_id, joined_at in store.groups_of_member(conn, brand.id, former):
        group = read_group(conn, brand, group_id, locked=True)
        own = group.member(former)
        store.delete_belonging(conn, brand.id, group_id, former)
        if joined_at is None or is_alone:
            store.write_belonging(conn, brand.id, group_id, replace(own, member_id=survivor))


def _member(conn: Connection, brand: Brand, timeline: Timeline, reference: str, *, at: datetime) -> UUID:
    member_id = find_member(conn, brand, reference)
    read_standings(conn, brand, timeline, member_id, now=at)
    return member_id


def _check_alone(conn: Connection, brand: Brand, member_id: UUID) -> None:
    for group_id, joined_at in store.groups_of_member(conn, brand.id, member_id):
        if joined_at is not None:
            raise InAnotherGroup(
                f"{shown_member(member_id)} is in {show_id('grp', group_id)} already.",
                next_step="Leave that group first.",
            )
