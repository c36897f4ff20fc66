"""Two accounts of one person become one, as far as the person is concerned (G1)."""

from datetime import datetime
from uuid import UUID

from bondfire.db import Connection
from bondfire.members import store
from bondfire.members.actions import record_consent, save_profile
from bondfire.members.merges import store as merges
from bondfire.members.model import Brand, Consent, Profile
from bondfire.members.queries import read_consents, read_profile
from bondfire.members.uniting import consents_brought, united_profile


def merge_people(
    conn: Connection, brand: Brand, pair: tuple[UUID, UUID], *, account: str, merged_at: datetime
) -> list[Consent]:
    """Let the second of two accounts be found for the first, with particulars and consents of both.

    Nothing personal stays with the first.

    Args:
        conn: in a transaction that holds the locks of both.
        brand: whose members.
        pair: who becomes part, and of whom.
        account: by which the first is shown.
        merged_at: the brand's time.

    Returns:
        The consents that were taken back because the two accounts had said different things.
    """
    former, survivor = pair
    said = read_consents(conn, brand, survivor), read_consents(conn, brand, former)
    brought = list(consents_brought(*said, account=account, merged_at=merged_at))
    particulars = read_profile(conn, brand, survivor), read_profile(conn, brand, former)
    merges.write_merge(conn, brand.id, former, survivor, merged_at=merged_at)
    store.delete_person(conn, brand.id, former)
    for consent in brought:
        record_consent(conn, brand, survivor, consent)
    if particulars[1] != Profile():
        save_profile(conn, brand, survivor, united_profile(*particulars), updated_at=merged_at)
    return brought[len(said[1].history) :]
