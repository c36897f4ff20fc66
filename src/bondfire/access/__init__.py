"""Who may, and how much: API keys, what each is good for, whether this one may do that, and how often.

Owns: keys, scopes, rates, and the check at the door. Does not own: people, their sign-in, or what a brand
is. Invariants: a secret is shown once and kept only as its hash; a revoked key stays revoked; every key
belongs to one brand; scopes are a closed list; a key's last use costs one write a day at most.
"""

from bondfire.access.actions import create_key, revoke_key
from bondfire.access.cache import KeyCache
from bondfire.access.model import RANDOM_BYTES, SCOPES, Key, Scope, require
from bondfire.access.queries import authenticate, list_keys, read_key
from bondfire.access.rates import (
    MOST_PER_MINUTE,
    NO_LIMIT,
    Allowance,
    Rate,
    RateLimited,
    RateLimiter,
    check_rate,
)
from bondfire.access.store import KeyPlace

__all__ = [
    "MOST_PER_MINUTE",
    "NO_LIMIT",
    "RANDOM_BYTES",
    "SCOPES",
    "Allowance",
    "Key",
    "KeyCache",
    "KeyPlace",
    "Rate",
    "RateLimited",
    "RateLimiter",
    "Scope",
    "authenticate",
    "check_rate",
    "create_key",
    "list_keys",
    "read_key",
    "require",
    "revoke_key",
]
