"""Members who invite others: who invited whom, which order counts, when both are paid, and when not (G3).

All of it is decided about the member who was invited. What lies outside their own past (two accounts of one
person, rings, bursts) comes as an event of ours, `referral.checked`; nothing is paid before it. The part of
the referrer follows from the decision that pays, under an identity of its own (`onward`), so once (C5).
"""

from datetime import datetime
from decimal import Decimal
from typing import Final, cast
from uuid import UUID

from bondfire.engine.caps import left_of_cap, referral_limits, use_cap
from bondfire.engine.errors import NothingToDecide
from bondfire.engine.model import Decision, MemberState
from bondfire.engine.past import Purchase
from bondfire.engine.pseudonyms import shown_member
from bondfire.engine.referral import UNDECIDED, Referral
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn, decided_by, event_money, event_text
from bondfire.engine.units import check_known
from bondfire.events import Event, own_event
from bondfire.kit import digest_of, parse_id
from bondfire.ledger import ZERO, Grant, earn
from bondfire.programs import REFERRAL_RULES, Referrals

ONE: Final = Decimal(1)
PAYING: Final = frozenset({"referral.checked", "referral.approved"})
"""What may pay the referred member, so that the referrer has to hear of it."""


def member_referred(turn: Turn, event: Event) -> None:
    """Remember who invited the member: the first who is named, and before the first order (G3)."""
    state, why = turn.state, ""
    if turn.program.referrals is None:
        why = "the programme rewards no referrals"
    elif state.referral is not None:
        why = "somebody was named before; the first counts"
    elif state.has_ordered:
        why = "the member has ordered before"
    if why:
        turn.because("not_referred", note=why)
        return
    state.referral = Referral(event_text(event, "referrer"), turn.effective_at, turn.version.number)
    turn.because("referral_claimed", note=state.referral.by)


def order_counts(turn: Turn, order: str, event: Event) -> None:
    """Let an order be the one that a referral waits for, if it comes to enough and in time."""
    referral = turn.state.referral
    if referral is None or referral.stage != "open" or turn.effective_at < referral.since:
        return
    terms, zone = _terms(turn, referral), turn.program.zone
    if turn.effective_at >= terms.within.after(referral.since, zone):
        end_referral(turn, referral, order, f"no order counted within {terms.within}")
    elif (event_money(event, "total") or ZERO) >= terms.minimum:
        referral.stage, referral.order = "waiting", order
        referral.due_at = terms.after.after(turn.effective_at, zone)
        turn.because("referral_qualified", order=order, note=referral.by)


def order_came_back(turn: Turn, purchase: Purchase) -> None:
    """Cancel a referral that is not paid yet when its order is returned or no longer comes to enough."""
    referral = turn.state.referral
    if referral is None or referral.order != purchase.order:
        return
    is_undecided = referral.stage == "waiting" or (referral.stage == "ripe" and referral.is_held)
    is_whole = not any(line.left for line in purchase.lines)
    if is_undecided and (is_whole or purchase.left < _terms(turn, referral).minimum):
        end_referral(turn, referral, purchase.order, "its order came back")


def end_referral(turn: Turn, referral: Referral, order: str, note: str) -> None:
    """Never pay it."""
    referral.stage, referral.due_at = "cancelled", None
    turn.because("referral_cancelled", order=order, note=note)


def ripen(turn: Turn) -> None:
    """The order was kept long enough; from now on the referral may be paid."""
    referral = turn.state.referral
    assert referral is not None, "it is due"  # noqa: S101
    assert referral.due_at is not None, "it is due"  # noqa: S101
    referral.stage, referral.ripe_at, referral.due_at = "ripe", referral.due_at, None
    values = {"at": referral.ripe_at.isoformat()}
    turn.because("referral_ripe", order=referral.order, note=referral.by, values=values)


def next_ripe(state: MemberState) -> datetime | None:
    """When the member's referral is ripe, None when none waits for that."""
    return state.referral.due_at if state.referral is not None else None


def referral_checked(turn: Turn, event: Event) -> None:
    """Hold the referral for a person, or pay it if it is ripe."""
    referral = turn.state.referral
    reasons = cast("list[str]", event.body["reasons"])
    if referral is None or referral.stage not in UNDECIDED:
        turn.because("referral_over")
    elif reasons and not referral.approved:
        _hold(turn, referral, reasons)
    elif referral.stage == "ripe" and not referral.is_held:
        _pay(turn, referral, event)


def _hold(turn: Turn, referral: Referral, reasons: list[str]) -> None:
    referral.reasons = sorted({*referral.reasons, *reasons})
    turn.because("referral_held", order=referral.order, note=", ".join(referral.reasons))


def referral_approved(turn: Turn, event: Event) -> None:
    """Let a held referral be paid: at once if it is ripe, else when it is.

    Raises:
        NothingToDecide: none is held.
    """
    referral = _held(turn)
    if referral.stage == "ripe":
        _pay(turn, referral, event)
    referral.approved = True
    turn.because("referral_approved", order=referral.order, note=decided_by(event))


def referral_rejected(turn: Turn, event: Event) -> None:
    """Never pay a held referral.

    Raises:
        NothingToDecide: none is held.
    """
    referral = _held(turn)
    referral.stage, referral.due_at = "rejected", None
    turn.because("referral_rejected", order=referral.order, note=decided_by(event))


def _held(turn: Turn) -> Referral:
    check_known(turn)
    referral = turn.state.referral
    if referral is None or not referral.is_held:
        raise NothingToDecide(
            "No referral of this member is held for review.",
            next_step="Look it up again: it was decided or cancelled, or nothing speaks against it.",
        )
    return referral


def _terms(turn: Turn, referral: Referral) -> Referrals:
    terms = turn.timeline.number(referral.version).program.referrals
    assert terms is not None, "it was claimed under them"  # noqa: S101
    return terms


def _pay(turn: Turn, referral: Referral, event: Event) -> None:
    _give(turn, event, "referred", _terms(turn, referral))
    referral.stage = "paid"
    values = {"version": str(referral.version)}
    turn.because("referral_paid", order=referral.order, note=referral.by, values=values)


def referral_rewarded(turn: Turn, event: Event) -> None:
    """Give the referrer their part, if the limits of the programme leave room for one more.

    Raises:
        UnknownMember: nobody is known here.
    """
    check_known(turn)
    terms = turn.timeline.number(int(str(event.body["version"]))).program.referrals
    assert terms is not None, "the referral was claimed under them"  # noqa: S101
    windows = [(cap, *left_of_cap(turn, cap)) for cap in referral_limits(terms.limits)]
    full = next((cap for cap, left, _ in windows if left < ONE), None)
    if full is not None:
        note = f"{full.limit} rewards per {full.window.replace('_', ' ')} are the most"
        turn.because("referral_limit", note=note)
        return
    _give(turn, event, "referrer", terms)
    for cap, _, moment in windows:
        use_cap(turn.state, cap.key, moment, ONE)
    turn.because("referral_rewarded", note=event_text(event, "referred"))


def _give(turn: Turn, event: Event, side: str, terms: Referrals) -> None:
    """Give one side what it gets, to be spent at once: the wait was before."""
    at, zone, units = turn.effective_at, turn.program.zone, turn.program.units
    rule = REFERRAL_RULES[side]
    grants: list[Grant] = [
        (rule, unit, amount, (at, units[unit].expires_at(earned_at=at, available_at=at, zone=zone)))
        for unit, amount in terms.awards[side]
        if unit in units
    ]
    if not grants:
        return
    lot = earn(turn.book, turn.cause(event.id), grants, now=turn.now)
    for number, (_, unit, amount, _) in enumerate(grants, start=lot):
        turn.because("awarded", rule=rule, unit=unit, amount=amount, base=amount, lot=number)
        credit(turn, unit, amount, at)


def referrer_told(decision: Decision, member_id: UUID) -> tuple[UUID, Event] | None:
    """The referrer of a member who was paid, and the event that gives them their part; None: nobody."""
    event = decision.event
    paid = next((one for one in decision.told if one.code == "referral_paid"), None)
    if event is None or paid is None:
        return None
    raw = {
        "id": f"referral-{digest_of('referral', member_id.hex).hex()}",
        "type": "referral.rewarded",
        "member": paid.note,
        "referred": shown_member(member_id),
        "version": int(paid.values["version"]),
        "occurred_at": event.occurred_at,
    }
    return parse_id("mem", paid.note), own_event(raw, recorded_at=event.recorded_at)
