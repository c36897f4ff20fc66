"""What can be wrong with coupons and baskets."""

from bondfire.errors import Conflict, NotFound


class UnknownCoupon(NotFound):
    """The programme has no such coupon."""

    code = "unknown_coupon"


class CodeExists(Conflict):
    """A code that is imported is there already, for another coupon or limit."""

    code = "code_exists"


class CouponRefused(Conflict):
    """A coupon of a basket that is confirmed does not apply; the code says why."""

    code = "coupon_refused"


class TotalChanged(Conflict):
    """The basket costs something else than the shop expects."""

    code = "total_changed"


class BasketChanged(Conflict):
    """The order was confirmed before with another basket."""

    code = "basket_changed"
