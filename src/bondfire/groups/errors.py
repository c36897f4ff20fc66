"""What groups refuse."""

from bondfire.errors import Conflict, NotAllowed, NotFound


class UnknownGroup(NotFound):
    """There is no such group, or it was dissolved."""

    code = "unknown_group"


class NotInGroup(NotFound):
    """The member is neither in the group nor invited."""

    code = "not_in_group"


class NotOffered(Conflict):
    """The programme has no groups of this kind."""

    code = "groups_not_offered"


class GroupFull(Conflict):
    """The group has as many members as the programme lets it have."""

    code = "group_full"


class InAnotherGroup(Conflict):
    """The member is in a group already."""

    code = "in_another_group"


class LastOwner(Conflict):
    """Somebody has to look after a group."""

    code = "last_owner"


class NotSpender(NotAllowed):
    """The role of the member does not let them spend for the group."""

    code = "not_spender"


class SpendLimit(Conflict):
    """The member would spend more in a month than the programme lets them."""

    code = "spend_limit_reached"
