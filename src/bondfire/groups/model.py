"""Members who spend together: who may do what, and whose points pay (G2); pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, get_args
from uuid import UUID

from bondfire.engine import shown_member
from bondfire.errors import BadInput
from bondfire.groups.errors import GroupFull, LastOwner, NotInGroup, NotSpender
from bondfire.kit import format_amount, nearest
from bondfire.ledger import ZERO, Lot, NotEnough
from bondfire.programs import Pooling

Kind = Literal["household", "company"]
Role = Literal["owner", "member", "spender"]
ROLES: Final[tuple[Role, ...]] = get_args(Role)
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
SPENDING: Final[frozenset[Role]] = frozenset({"owner", "spender"})
_NEVER: Final = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Belonging:
    """A member of a group.

    Attributes:
        role: an owner looks after the group and spends, a spender spends, a member's points only pay.
        joined_at: None while they have not said yes.
    """

    member_id: UUID
    role: Role
    invited_at: datetime
    joined_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """Members who spend together.

    Attributes:
        is_pooled: whether a spending takes from all of them; else from whoever spends.
        belongings: the members, in the order in which they were invited.
    """

    group_id: UUID
    kind: Kind
    is_pooled: bool
    created_at: datetime
    belongings: tuple[Belonging, ...] = ()

    def member(self, member_id: UUID) -> Belonging:
        """A member of the group, also one who is invited.

        Raises:
            NotInGroup: they are not.
        """
        found = next((one for one in self.belongings if one.member_id == member_id), None)
        if found is None:
            raise NotInGroup(
                f"{shown_member(member_id)} is neither in the group nor invited.",
                next_step="Check the member, or invite them.",
            )
        return found

    @property
    def joined(self) -> list[UUID]:
        """Those who said yes."""
        return [one.member_id for one in self.belongings if one.joined_at is not None]


def check_word(word: str, name: str, words: Sequence[str]) -> None:
    """Refuse a word that is none of some.

    Raises:
        BadInput: it is not; the nearest is named.
    """
    if word not in words:
        like = nearest(word, words)
        step = f"Did you mean {like!r}?" if like else f"It is one of {', '.join(words)}."
        raise BadInput(f"{name} is {word[:60]!r}.", next_step=step)


def check_room(group: Group, pooling: Pooling) -> None:
    """Refuse one member more than there may be, those included who are invited.

    Raises:
        GroupFull: it would be.
    """
    if len(group.belongings) >= pooling.members:
        raise GroupFull(
            f"A {group.kind} of this programme has {pooling.members} members at most.",
            next_step="Let somebody leave first, or take an invitation back.",
        )


def check_owner_left(group: Group, leaving: UUID) -> None:
    """Refuse that the last owner goes while others stay.

    Raises:
        LastOwner: it is so.
    """
    stays = [one for one in group.belongings if one.member_id != leaving and one.joined_at is not None]
    if stays and not any(one.role == "owner" for one in stays):
        raise LastOwner(
            "The last owner cannot leave the others.",
            next_step="Make another member an owner, or dissolve it.",
        )


def check_spender(group: Group, member_id: UUID) -> None:
    """Refuse who may not spend for the group.

    Raises:
        NotInGroup: they are not in it.
        NotSpender: their role does not let them, or they have not said yes.
    """
    found = group.member(member_id)
    if found.joined_at is None or found.role not in SPENDING:
        why = "has not accepted the invitation" if found.joined_at is None else f"is a {found.role}"
        raise NotSpender(
            f"{shown_member(member_id)} {why} and cannot spend for the group.",
            next_step="Let an owner or a spender of the group ask.",
        )


def share_out(lots: Mapping[UUID, Sequence[Lot]], unit: str, amount: Decimal) -> dict[UUID, Decimal]:
    """Who pays which part: first what ends first, whoever has it; then the older, then by member and lot.

    Raises:
        NotEnough: all of them together have less.
    """
    ordered = sorted(
        ((lot, member_id) for member_id, of_member in lots.items() for lot in of_member),
        key=lambda one: (one[0].expires_at or _NEVER, one[0].earned_at, one[1].bytes, one[0].number),
    )
    left, shares = amount, dict.fromkeys(lots, ZERO)
    for lot, member_id in ordered:
        part = min(left, lot.left)
        shares[member_id] += part
        left -= part
    if left:
        raise NotEnough(
            f"{format_amount(amount)} {unit} were asked for, but the group can spend "
            f"{format_amount(amount - left)}.",
            next_step="Ask for less, or wait until pending points are released.",
        )
    return {member_id: part for member_id, part in shares.items() if part}
