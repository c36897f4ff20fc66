"""One person out of two: which particulars and which consents are kept (G1); pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bondfire.members.model import LONGEST_TEXT, Consent, Consents, Profile


def united_profile(survivor: Profile, former: Profile) -> Profile:
    """What is known of the survivor, and where nothing is, of the former."""
    return Profile(
        name=survivor.name or former.name,
        email=survivor.email or former.email,
        phone=survivor.phone or former.phone,
        data={**former.data, **survivor.data},
    )


def consents_brought(
    survivor: Consents, former: Consents, *, account: str, merged_at: datetime
) -> Iterator[Consent]:
    """What has to be recorded with the survivor, so that the stricter word on each kind holds.

    First everything that was said under the former account, as it was said. Then, where one account said yes
    and the other no, the no once more, as of the merge and with the account and the source that it is from: a
    person who took something back anywhere took it back.

    Args:
        survivor: what was said under the account that stays.
        former: what was said under the one that becomes part of it.
        account: by which the former is shown.
        merged_at: when they became one.
    """
    yield from former.history
    mine, theirs = survivor.current, former.current
    for kind in sorted(mine.keys() & theirs.keys()):
        if mine[kind].granted == theirs[kind].granted:
            continue
        no = theirs[kind] if mine[kind].granted else mine[kind]
        where = f"merge of {account}: {'that account' if no is theirs[kind] else 'this account'}, {no.source}"
        at = max(merged_at, mine[kind].recorded_at, theirs[kind].recorded_at)
        yield replace(no, recorded_at=at, source=where[:LONGEST_TEXT])
