"""Coupons and baskets: what a basket costs with the coupons that a member brings, and the order it becomes.

Owns: the arithmetic of discounts, codes (made, imported, revoked, claimed), the pricing of a basket and its
confirmation. Does not own: which coupons there are (programs), what becomes of a coupon in a member's hands
and what an order earns (engine), the order itself (journal).
Invariants: a discount is exact, never takes a line below zero, and its parts add up; a code counts once for
each use it has, however many bring it at once; a code is stored as a hash, and nothing tells a wrong one from
one that was used; replay and verification need no table of this folder, for what was claimed stands in the
order.
"""

from bondfire.coupons.actions import MOST_CODES, Given, Terms, create_codes, import_codes, revoke_codes
from bondfire.coupons.baskets import NOBODY, Evaluation, confirm_basket, evaluate_basket
from bondfire.coupons.discounts import Item, Money, taken_off
from bondfire.coupons.model import Basket, Batch, Claim, Offered, Priced, Refusal
from bondfire.coupons.pricing import price
from bondfire.coupons.queries import list_batches

__all__ = [
    "MOST_CODES",
    "NOBODY",
    "Basket",
    "Batch",
    "Claim",
    "Evaluation",
    "Given",
    "Item",
    "Money",
    "Offered",
    "Priced",
    "Refusal",
    "Terms",
    "confirm_basket",
    "create_codes",
    "evaluate_basket",
    "import_codes",
    "list_batches",
    "price",
    "revoke_codes",
    "taken_off",
]
