"""What members are told, in English."""

from typing import Final

from bondfire.journal.phrases.words import Words

_SENTENCES: Final = {
    "awarded": "{amount} from {source} (version {version}){for_order}{because}{factor}{cut}{fate}.",
    "adjusted": "{size} {way} by hand: {note} ({actor}{approved}){fate}.",
    "taken_back": "{amount} taken back that {source} gave{for_order}: {why_back}.",
    "spent": "{amount} spent{for_order}, from those{earned_on}.",
    "held": "{amount}{earned_on} held{for_order} until {until_minute}.",
    "captured": "{amount} that were held were spent{for_order}, from those{earned_on}.",
    "let_go": (
        "{amount}{earned_on} that were held{for_order} can be spent again{until_then}: they were released."
    ),
    "hold_ended": (
        "{amount}{earned_on} that were held{for_order} can be spent again{until_then}: the hold ended."
    ),
    "restored": "{amount} given back{for_order} to those{earned_on}{to_live}.",
    "released": "{amount}{earned_on} became spendable: the waiting time was over.",
    "expired": "{amount}{earned_on} expired unspent.",
    "erased": "The person was erased: {note}. What was earned and spent stays.",
    "sent": "{amount} sent to {note}, from those{earned_on}.",
    "received": "{amount} received from {note}{received_fate}.",
    "sent_back": "{amount} came back to those{earned_on}: they could not be received ({note_words}).",
    "condition_false": "Rule {rule} gave nothing, its condition does not hold{because}.",
    "condition_failed": "Rule {rule} was passed over, its condition has no value: {note}",
    "not_running": "Rule {rule} gave nothing: it does not run at this time.",
    "group_taken": "Rule {rule} gave nothing: {first} came first in the group {group}.",
    "not_stackable": "Rule {rule} gave nothing beside another: {first} came first, and the two do not stack.",
    "cap_reached": "Rule {rule} gave nothing: its cap left no room for {clipped} {unit}.",
    "nothing_earned": "Rule {rule} came to nothing{because}.",
    "no_line_earns": "Nothing is earned{for_order}: no line of it is of a kind that earns.",
    "award_failed": "Rule {rule} was passed over, its award has no value: {note}",
    "before_joining": "Nothing is earned{for_order}: orders from before the member joined earn nothing.",
    "already_joined": "Nothing changed: the member joined before, and nothing is given twice.",
    "lapsed": "{amount} of it had expired before, so there was nothing to take.",
    "taken_from_others": "{amount} of it came from other points, as the award itself was spent.",
    "owed": "{amount} could not be taken: they are owed, and the next ones earned pay them.",
    "written_off": "{amount} could not be taken back and were written off.",
    "forgone": "{amount} were left with the member: only what is pending is taken back.",
    "matched": "The return named no order; it belongs to order {order}, the latest purchase that fits.",
    "unmatched": "A person should look at this return: {note}.",
    "parked": "The return waits for order {order}, which is not known yet.",
    "settled": "Return {note} of order {order} had come before, and was settled now.",
    "prolonged": "What is kept alive of {unit} now lives until {until_minute}.",
    "prolonging_stays": "What it kept alive of {unit} stays alive.",
    "upgraded": "Rose in {tier_set}: {before} to {after}.",
    "fell": "Fell in {tier_set}: {before} to {after}. The time to keep it was over.",
    "tier_taken_back": (
        "Fell in {tier_set}: {before} to {after}. What had earned it came back; what was given meanwhile in "
        "good faith stays."
    ),
    "tier_kept": "The tier {tier} of {tier_set} is no longer earned; it stays until it is judged.",
    "tier_counted": "It counts {amount} for the tiers of {note}{because}.",
    "tier_day_counted": "It counts as a day for the tiers of {note}.",
    "tier_count_failed": "It counts nothing for a tier, its value cannot be had: {note}",
    "tier_count_taken_back": "{amount} count no more for the tiers of {note}.",
    "tier_granted": "The tier {tier} of {tier_set} was given until {until_minute}: {note}.",
    "grant_ended": "The time of the given tier {tier} of {tier_set} is over: {note}.",
    "grant_withdrawn": "The given tier {tier} of {tier_set} was taken away: {note}.",
    "counted": "It counts for challenge {challenge}: {reached} of {target}.",
    "not_counted": "It does not count for challenge {challenge}{because}.",
    "step_reached": "Challenge {challenge}: {reached} of {target} are reached.",
    "badge_earned": "Challenge {challenge} gives the badge {note}.",
    "badge_kept": "The badge {note} of challenge {challenge} stays with the member.",
    "progress_taken_back": (
        "What is gone{for_order} counts for challenge {challenge} no more: {reached} of {target}."
    ),
    "progress_final": (
        "Nothing changes in challenge {challenge}{for_order}: it is too long ago to be taken back; what was "
        "reached stays."
    ),
    "progress_full": "It does not count for challenge {challenge}: no more values can be remembered.",
    "joker_used": "A joker kept the streak of challenge {challenge}: {reached} left.",
    "streak_broken": "The streak of challenge {challenge} is broken and begins anew.",
    "challenge_lapsed": "The time for challenge {challenge} is over; it begins anew.",
    "challenge_over": "Challenge {challenge} has ended.",
    "takes_part": "Takes part in challenge {challenge} from now on.",
    "takes_part_already": "Nothing changes: the member takes part in challenge {challenge} already.",
    "reward_redeemed": "Reward {reward}, {reached} of it, was redeemed{for_order}.",
    "reward_held": "Reward {reward}, {reached} of it, is held{for_order} until {until_minute}.",
    "reward_awaited": "Waits for {reached} of reward {reward} until {until_minute}.",
    "reward_captured": "Reward {reward}, {reached} of it that was held, was taken{for_order}.",
    "reward_moved_up": "A place came free: reward {reward}, {reached} of it.",
    "reward_released": "Reward {reward}, {reached} of it, is not wanted any more.",
    "reward_ended": "The time to take reward {reward}, {reached} of it, was over.",
    "reward_used": "Reward {reward} was used.",
    "reward_missed": "The seat of reward {reward} stayed empty: {note}.",
    "reward_cancelled": "Reward {reward}, {reached} of it, went back: {note}.",
    "removed": "{note} is gone, and with it what it earned.",
    "removed_before": "Nothing is earned or taken back: {note} was removed before.",
    "unknown_removed": (
        "Nothing is taken back: {note} is not known; should it still come, it earns nothing."
    ),
}
_PARTS: Final = {
    "for_order": " for order {order}",
    "rule": "rule {name}",
    "challenge": "challenge {name}",
    "was": "{path} was {text}",
    "times": "; {base} times {by}",
    "cut": "; {clipped} more were cut off by the cap",
    "pending_day": "1 day pending, spendable from {day}",
    "pending_days": "{days} days pending, spendable from {day}",
    "expires": "expires {day}",
    "never": "never expires",
    "earned_on": " earned on {day}",
    "until": " until {day}",
    "to_live": ", to live until {day}",
    "received_fate": ", earned on {day} there; {end}, as there",
    "taken_off": "taken off",
    "added": "added",
    "approved": ", approved by {approver}",
    "back_counted": "what had counted for it is gone",
    "back_goods": "goods of it came back",
    "back_earned": "what earned it is gone",
    "no_before": "no tier",
    "no_after": "no tier",
    "nothing_follows": "Nothing follows from this event: no rule of the programme is about it.",
    "refused": "Refused ({code}): {message} {next_step}",
    "refused_return": "{note}",
    "debt_paid": "{amount} {unit} paid what was owed from earlier.",
    "moved": "{amount} {unit} went from {debit} to {credit} {by}.",
    "by_time": "with the passing of time",
    "by_event": "by event {event}",
    "on_day": "{day}: {sentence}",
    "no_tier": "no tier",
    "tier_earned": "reached {after} of {tier_set} (before: {before}).",
    "tier_window_closed": "fell to {after} of {tier_set} (before: {before}).",
    "tier_returned": "went back to {after} of {tier_set} (before: {before}).",
    "tier_granted": "was given {after} of {tier_set} (before: {before}).",
    "tier_grant_ended": "is back at the end of a given tier at {after} of {tier_set} (before: {before}).",
    "tier_withdrawn": "is back without a given tier at {after} of {tier_set} (before: {before}).",
}


ENGLISH: Final = Words(
    sentences=_SENTENCES,
    refusals={},
    parts=_PARTS,
    day=lambda local: f"{local.day} {local:%b %Y}",
    minute=lambda local: f"{local:%Y-%m-%d %H:%M}",
)
"""A refusal is told with the message that the sender got."""
