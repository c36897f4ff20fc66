"""Who may: API keys, what each is good for, and whether this one may do that.

Owns: keys, scopes, and the check at the door. Does not own: people, their sign-in, or what a brand is.
Invariants: a secret is shown once and kept only as its hash; a revoked key stays revoked; every key
belongs to one brand; scopes are a closed list.
"""

from bondfire.access.actions import create_key, revoke_key
from bondfire.access.model import RANDOM_BYTES, SCOPES, Key, Scope, require
from bondfire.access.queries import authenticate, list_keys

__all__ = [
    "RANDOM_BYTES",
    "SCOPES",
    "Key",
    "Scope",
    "authenticate",
    "create_key",
    "list_keys",
    "require",
    "revoke_key",
]
