"""Takes what was delivered: events into the journal, personal data to the member, the rest to the rejects."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

from bondfire.deliveries.desk import Desk
from bondfire.deliveries.model import Taken, Work, read_all
from bondfire.deliveries.naming import claim_order, owner_of
from bondfire.deliveries.rejects import store as rejects
from bondfire.deliveries.rejects.model import Reject, Shelf, reject_id_of, reject_of
from bondfire.errors import BadInput
from bondfire.events import EventError
from bondfire.journal import Result, process_events
from bondfire.members import Profile, amend_profile, check_reference, resolve_members
from bondfire.programs import advance_clock


def take(desk: Desk, work: Sequence[Work]) -> list[Taken]:
    """Take what parcels say, in the caller's transaction: what can be taken is, the rest is kept.

    A parcel that came before moves nothing; one that was rejected before and can be taken now leaves the
    rejects. When an order comes for which refunds wait, they are taken right after it.

    Args:
        desk: with a transaction that is never committed here.
        work: parcels that have been read, in order of arrival; left as they are, for a second attempt.
    """
    work = [replace(each) for each in work]
    for each in work:
        _make_events(desk, each)
    _decide(desk, work)
    for each in work:
        _amend(desk, each)
    taken = _put_away(desk, work)
    _take_what_waited(desk, work)
    return taken


def _make_events(desk: Desk, each: Work) -> None:
    if each.problem is not None:
        return
    catalogue = desk.timeline.newest.program.catalogue
    owner = owner_of(desk, each)
    if each.waits_for is not None or (each.reading.only_if_known and not owner):
        return
    each.read_events(owner, catalogue, recorded_at=desk.recorded_at)
    if each.order_placed:
        owner = claim_order(desk, each)
        if owner != each.events[0].member:
            each.read_events(owner, catalogue, recorded_at=desk.recorded_at)


def _decide(desk: Desk, work: Sequence[Work]) -> None:
    events = [event for each in work for event in each.events]
    if not events:
        return
    results = iter(process_events(desk.conn, desk.brand, desk.timeline, events))
    for each in work:
        each.results = list(islice(results, len(each.events)))
        conflict = next((one for one in each.results if _is_lost(one, each)), None)
        if conflict is not None:
            each.problem = EventError(
                f"is {conflict.event!r}, which came before with other contents; the first stands.",
                code=conflict.code,
                field="id",
                next_step="Send a correction as an event of its own, then delete this.",
            )
    if desk.recorded_at is None:
        advance_clock(desk.conn, desk.brand.id, max(event.occurred_at for event in events))


def _is_lost(result: Result, each: Work) -> bool:
    """Whether it came before with another body, and that cannot be our own guess at its time."""
    return result.outcome == "conflict" and result.event not in each.reading.guessed


def _amend(desk: Desk, each: Work) -> None:
    """Keep what was said of the member; data that cannot be stored do not undo the event beside them.

    Of somebody who was erased nothing is kept.
    """
    person = each.reading.person
    if person is None or each.problem is not None:
        return
    if any(result.code == "member_erased" for result in each.results):
        return
    said = Profile(name=person.name, email=person.email, phone=person.phone)
    try:
        member = check_reference(each.reading.member)
        member_id = resolve_members(desk.conn, desk.brand, [member])[member]
        amend_profile(desk.conn, desk.brand, member_id, said, said_at=each.parcel.received_at)
    except BadInput as refusal:
        each.problem = refusal
    else:
        each.amended = True


def _put_away(desk: Desk, work: Sequence[Work]) -> list[Taken]:
    """Keep what has a problem, as far as there is room, and drop what was kept and has none any more."""
    brand = desk.brand
    bad = {
        place: reject_of(brand.name, each.parcel, each.problem, waits_for=each.waits_for)
        for place, each in enumerate(work)
        if each.problem is not None
    }
    good = [reject_id_of(brand.name, each.parcel) for place, each in enumerate(work) if place not in bad]
    rejects.drop(desk.conn, brand.id, good)
    kept = _keep(desk, list(bad.values()))
    return [_taken(each, bad.get(place), kept) for place, each in enumerate(work)]


def _keep(desk: Desk, bad: Sequence[Reject]) -> set[UUID]:
    if not bad:
        return set()
    known = rejects.known(desk.conn, desk.brand.id, [one.reject_id for one in bad])
    shelf = Shelf.holding(rejects.piles(desk.conn, desk.brand.id))
    kept: set[UUID] = set()
    for one in bad:
        if one.reject_id in known | kept or shelf.put(one):
            rejects.keep(desk.conn, desk.brand.id, one)
            kept.add(one.reject_id)
    return kept


def _taken(each: Work, reject: Reject | None, kept: Collection[UUID]) -> Taken:
    is_kept = reject is not None and reject.reject_id in kept
    return Taken(
        parcel=each.parcel,
        reading=each.reading,
        results=tuple(each.results),
        amended=each.amended,
        problem=each.problem,
        reject_id=reject.reject_id if reject is not None and is_kept else None,
        is_lost=reject is not None and not is_kept,
    )


def _take_what_waited(desk: Desk, work: Sequence[Work]) -> None:
    for each in work:
        if each.order_placed and each.results:
            waiting = rejects.waiting(desk.conn, desk.brand.id, each.parcel.source, each.order_placed)
            if waiting:
                take(desk, read_all([reject.parcel for reject in waiting], desk.timeline))
