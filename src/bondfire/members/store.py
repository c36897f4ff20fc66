"""The tables of members: aliases, profiles, consents."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from bondfire.kit import bucket_of
from bondfire.members.model import Alias, Consent, Profile

MEMBERS_OF_REFERENCES: Final = """
SELECT sent.reference, COALESCE(merged.survivor_id, alias.member_id)
FROM unnest(%(references)s::text[], %(members)s::uuid[]) AS sent (reference, member_id)
LEFT JOIN LATERAL (
    SELECT member_id FROM member_alias
    WHERE brand_id = %(brand_id)s AND kind = 'reference' AND value = sent.reference
    LIMIT 1
) AS alias ON TRUE
LEFT JOIN LATERAL (
    SELECT survivor_id FROM member_merge
    WHERE brand_id = %(brand_id)s AND member_id = COALESCE(alias.member_id, sent.member_id)
    LIMIT 1
) AS merged ON TRUE
WHERE merged.survivor_id IS NOT NULL OR alias.member_id IS NOT NULL
"""
MEMBERS_OF_CODES: Final = """
SELECT sent.code, alias.member_id
FROM unnest(%(codes)s::text[]) AS sent (code),
LATERAL (
    SELECT member_id FROM member_alias
    WHERE brand_id = %(brand_id)s AND kind = 'referral' AND value = sent.code
    LIMIT 1
) AS alias
"""
MEMBER_OF_ALIAS: Final = """
SELECT member_id FROM member_alias
WHERE brand_id = %(brand_id)s AND kind = %(kind)s AND value = %(value)s
"""
REPORT_ALIASES_OF_MEMBER: Final = """
SELECT kind, value FROM member_alias
WHERE brand_id = %(brand_id)s AND member_id = %(member_id)s ORDER BY kind, value
"""
REFERENCES_OF_MEMBERS: Final = """
SELECT asked.member_id, alias.value
FROM unnest(%(members)s::uuid[]) AS asked (member_id),
LATERAL (
    SELECT value FROM member_alias
    WHERE brand_id = %(brand_id)s AND member_id = asked.member_id AND kind = 'reference'
    ORDER BY value
    OFFSET 0
) AS alias
"""
INSERT_ALIAS: Final = """
INSERT INTO member_alias (brand_id, kind, value, bucket, member_id, claimed_at)
VALUES (%(brand_id)s, %(kind)s, %(value)s, %(bucket)s, %(member_id)s, %(claimed_at)s)
ON CONFLICT (brand_id, kind, value) DO NOTHING
"""
UPSERT_PROFILE: Final = """
INSERT INTO member_profile (brand_id, bucket, member_id, name, email, phone, data, updated_at)
VALUES (%(brand_id)s, %(bucket)s, %(member_id)s, %(name)s, %(email)s, %(phone)s, %(data)s, %(updated_at)s)
ON CONFLICT (brand_id, bucket, member_id) DO UPDATE SET
    name = excluded.name, email = excluded.email, phone = excluded.phone, data = excluded.data,
    updated_at = excluded.updated_at
"""
AMEND_PROFILE: Final = """
INSERT INTO member_profile (brand_id, bucket, member_id, name, email, phone, data, updated_at)
VALUES (%(brand_id)s, %(bucket)s, %(member_id)s, %(name)s, %(email)s, %(phone)s, '{}', %(said_at)s)
ON CONFLICT (brand_id, bucket, member_id) DO UPDATE SET
    name = CASE WHEN member_profile.updated_at <= excluded.updated_at
        THEN COALESCE(excluded.name, member_profile.name)
        ELSE COALESCE(member_profile.name, excluded.name) END,
    email = CASE WHEN member_profile.updated_at <= excluded.updated_at
        THEN COALESCE(excluded.email, member_profile.email)
        ELSE COALESCE(member_profile.email, excluded.email) END,
    phone = CASE WHEN member_profile.updated_at <= excluded.updated_at
        THEN COALESCE(excluded.phone, member_profile.phone)
        ELSE COALESCE(member_profile.phone, excluded.phone) END,
    updated_at = GREATEST(member_profile.updated_at, excluded.updated_at)
"""
PROFILE_OF_MEMBER: Final = """
SELECT name, email, phone, data FROM member_profile
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
"""
INSERT_CONSENT: Final = """
INSERT INTO consent
    (brand_id, bucket, member_id, number, kind, granted, text_version, recorded_at, source)
VALUES
    (%(brand_id)s, %(bucket)s, %(member_id)s, %(number)s, %(kind)s, %(granted)s, %(text_version)s,
     %(recorded_at)s, %(source)s)
ON CONFLICT (brand_id, bucket, member_id, number) DO NOTHING
"""
DELETE_ALIASES: Final = """
DELETE FROM member_alias WHERE brand_id = %(brand_id)s AND member_id = %(member_id)s
"""
DELETE_PROFILE: Final = """
DELETE FROM member_profile
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
"""
DELETE_CONSENTS: Final = """
DELETE FROM consent WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
"""
CONSENTS_OF_MEMBER: Final = """
SELECT kind, granted, text_version, recorded_at, source FROM consent
WHERE brand_id = %(brand_id)s AND bucket = %(bucket)s AND member_id = %(member_id)s
ORDER BY number
"""


def members_of_references(conn: Connection, brand_id: int, made: Mapping[str, UUID]) -> dict[str, UUID]:
    """The members that references were given to by an alias or a merge; one query, two look-ups for each.

    Args:
        conn: a connection.
        brand_id: whose members.
        made: the references, each with the id that is made of it.
    """
    values = {"brand_id": brand_id, "references": list(made), "members": list(made.values())}
    return dict(conn.execute(MEMBERS_OF_REFERENCES, values).fetchall())


def members_of_codes(conn: Connection, brand_id: int, codes: Sequence[str]) -> dict[str, UUID]:
    """Whose referral codes these are; one query, a look-up per code."""
    values = {"brand_id": brand_id, "codes": list(codes)}
    return dict(conn.execute(MEMBERS_OF_CODES, values).fetchall())


def member_of_alias(conn: Connection, brand_id: int, alias: Alias) -> UUID | None:
    """Whose alias it is, or None."""
    row = conn.execute(
        MEMBER_OF_ALIAS, {"brand_id": brand_id, "kind": alias.kind, "value": alias.value}
    ).fetchone()
    return None if row is None else row[0]


def aliases_of_member(conn: Connection, brand_id: int, member_id: UUID) -> list[Alias]:
    """All names of a member."""
    values = {"brand_id": brand_id, "member_id": member_id}
    return [Alias(*row) for row in conn.execute(REPORT_ALIASES_OF_MEMBER, values)]


def references_of_members(conn: Connection, brand_id: int, members: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """The references that were claimed for members; one query, a look-up per member."""
    values = {"brand_id": brand_id, "members": list(members)}
    return conn.execute(REFERENCES_OF_MEMBERS, values).fetchall()


def insert_alias(
    conn: Connection, brand_id: int, member_id: UUID, alias: Alias, *, claimed_at: datetime
) -> None:
    """Add an alias unless somebody has it; waits for a rival's transaction to end."""
    values = _place(brand_id, member_id) | {
        "kind": alias.kind,
        "value": alias.value,
        "claimed_at": claimed_at,
    }
    conn.execute(INSERT_ALIAS, values)


def write_profile(
    conn: Connection, brand_id: int, member_id: UUID, profile: Profile, *, updated_at: datetime
) -> None:
    """Put the profile in place of the one that is there."""
    values = _place(brand_id, member_id) | {
        "name": profile.name,
        "email": profile.email,
        "phone": profile.phone,
        "data": json.dumps(dict(profile.data), ensure_ascii=False, allow_nan=False, sort_keys=True),
        "updated_at": updated_at,
    }
    conn.execute(UPSERT_PROFILE, values)


def amend_profile(
    conn: Connection, brand_id: int, member_id: UUID, said: Profile, *, said_at: datetime
) -> None:
    """Put what is given beside or in place of what is there, field by field, in one statement."""
    values = _place(brand_id, member_id) | {
        "name": said.name,
        "email": said.email,
        "phone": said.phone,
        "said_at": said_at,
    }
    conn.execute(AMEND_PROFILE, values)


def profile_of_member(conn: Connection, brand_id: int, member_id: UUID) -> Profile | None:
    """The profile, or None."""
    row = conn.execute(PROFILE_OF_MEMBER, _place(brand_id, member_id)).fetchone()
    return None if row is None else Profile(name=row[0], email=row[1], phone=row[2], data=row[3])


def insert_consent(
    conn: Connection, brand_id: int, member_id: UUID, consent: Consent, *, number: int
) -> bool:
    """Add the consent under this number; False when a rival took the number first."""
    values = _place(brand_id, member_id) | {
        "number": number,
        "kind": consent.kind,
        "granted": consent.granted,
        "text_version": consent.text_version,
        "recorded_at": consent.recorded_at,
        "source": consent.source,
    }
    return conn.execute(INSERT_CONSENT, values).rowcount == 1


def consents_of_member(conn: Connection, brand_id: int, member_id: UUID) -> tuple[Consent, ...]:
    """All consents, in the order in which they were recorded here."""
    rows = conn.execute(CONSENTS_OF_MEMBER, _place(brand_id, member_id))
    return tuple(
        Consent(kind=row[0], granted=row[1], text_version=row[2], recorded_at=row[3], source=row[4])
        for row in rows
    )


def delete_person(conn: Connection, brand_id: int, member_id: UUID) -> dict[str, int]:
    """Delete profile, aliases and consents; how many there were of each."""
    place = _place(brand_id, member_id)
    statements = {"aliases": DELETE_ALIASES, "profiles": DELETE_PROFILE, "consents": DELETE_CONSENTS}
    return {name: conn.execute(statement, place).rowcount for name, statement in statements.items()}


def _place(brand_id: int, member_id: UUID) -> dict[str, Any]:
    return {"brand_id": brand_id, "bucket": bucket_of(member_id), "member_id": member_id}
