"""What can be done with rejects: drop one, drop a topic, forget a member."""

from uuid import UUID

from bondfire.db import Connection
from bondfire.deliveries.orders import store as orders
from bondfire.deliveries.rejects import store
from bondfire.deliveries.rejects.queries import find_reject
from bondfire.members import find_member, read_aliases, read_profile
from bondfire.programs import Brand


def drop_reject(conn: Connection, brand_id: int, reject_id: UUID) -> None:
    """Drop one for ever.

    Raises:
        NotFound: it is not there.
    """
    store.drop(conn, brand_id, [find_reject(conn, brand_id, reject_id).reject_id])


def drop_topic(conn: Connection, brand_id: int, topic: str) -> int:
    """Drop everything of one topic for ever; how many."""
    return store.drop_topic(conn, brand_id, topic)


def forget_member(conn: Connection, brand: Brand, reference: str) -> int:
    """Drop everything in which a member is named, and whose orders they had: a part of erasing a person.

    They are looked for by this reference, by all their aliases, and by the e-mail address and telephone
    number of their profile; so this comes before those are erased.

    Returns:
        How many rejects there were.

    Raises:
        BadInput: it cannot be a reference.
    """
    member_id = find_member(conn, brand, reference)
    profile = read_profile(conn, brand, member_id)
    aliases = [alias.value for alias in read_aliases(conn, brand, member_id)]
    names = [reference, *aliases, *filter(None, (profile.email, profile.phone))]
    orders.forget_owners(conn, brand.id, names)
    return store.forget(conn, brand.id, names)
