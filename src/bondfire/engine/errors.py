"""What the engine refuses; in a decision these become its code, message and next step."""

from bondfire.errors import BadInput, Conflict, NotFound


class UnknownMember(NotFound):
    """Nobody is known under this reference."""

    code = "unknown_member"


class UnknownUnit(NotFound):
    """The programme has no such unit, or it cannot be spent."""

    code = "unknown_unit"


class UnknownTier(NotFound):
    """The programme has no such tier set, or the tier set no such tier."""

    code = "unknown_tier"


class GrantOver(Conflict):
    """A tier was granted until a time that is past."""

    code = "grant_over"


class NothingGranted(Conflict):
    """The tier that is withdrawn was not granted, or is over."""

    code = "nothing_granted"


class OrderExists(Conflict):
    """The order was placed already, by another event."""

    code = "order_exists"


class ReturnTooLarge(Conflict):
    """More comes back than is left of the order (R4)."""

    code = "return_too_large"


class NothingToRestore(Conflict):
    """No spending is left that could be given back (R12)."""

    code = "nothing_to_restore"


class NotTransferable(Conflict):
    """The programme does not let members send this unit, or not so much of it (L17)."""

    code = "not_transferable"


class SameMember(BadInput):
    """A transfer to oneself."""

    code = "same_member"


class MemberErased(Conflict):
    """The person was erased; what is known of them is an id (L22)."""

    code = "member_erased"


class MemberMerged(Conflict):
    """The account became part of another one (G1)."""

    code = "member_merged"


class NoHold(Conflict):
    """No hold of this id stands, or it holds less than is asked for (L6)."""

    code = "no_hold"


class HoldOver(Conflict):
    """A hold whose end is over came too late to hold anything."""

    code = "hold_over"


class TooManyHolds(Conflict):
    """So many holds of one member stand at once that there can be no more."""

    code = "too_many_holds"


class NeedsApproval(Conflict):
    """A correction above the programme's limit that no second person approved (L21)."""

    code = "needs_approval"


class TooManyRedemptions(Conflict):
    """The member has redeemed as often as the programme lets pass in a time."""

    code = "too_many_redemptions"


class NothingToDecide(Conflict):
    """Nothing of the member is held for a person to decide."""

    code = "nothing_to_decide"


class WrongCurrency(Conflict):
    """The order is in a currency the programme does not count in."""

    code = "wrong_currency"


class IdentityConflict(Conflict):
    """The same source and id came before with another body (L15)."""

    code = "identity_conflict"


class UnknownGame(NotFound):
    """The programme has no such game."""

    code = "unknown_game"


class NotPlayable(Conflict):
    """A game cannot be played now, there, or so often."""

    code = "not_playable"


class UnknownLeaderboard(NotFound):
    """The programme has no such leaderboard."""

    code = "unknown_leaderboard"


class UnknownChallenge(NotFound):
    """The programme has no such challenge."""

    code = "unknown_challenge"


class UnknownReward(NotFound):
    """The programme has no such reward."""

    code = "unknown_reward"


class NotOffered(Conflict):
    """The member may not have the reward, or not so many of it, or not pay so (U15)."""

    code = "not_offered"


class NoRedemption(Conflict):
    """There is no such redemption, or it is no longer what is asked of it."""

    code = "no_redemption"


class NotPaid(Conflict):
    """The money of a price was not paid, or not that much."""

    code = "not_paid"


class NoRate(Conflict):
    """The order is in another currency, and the programme has no rate of its day (U11)."""

    code = "no_exchange_rate"


class CouponUsed(Conflict):
    """The member used this coupon before."""

    code = "coupon_used"
