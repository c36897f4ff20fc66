"""Games of chance: what a play costs and gives. What was drawn comes with the event; here is no luck."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from bondfire.engine.budgets import fund
from bondfire.engine.caps import caps_of, left_of_cap, use_cap
from bondfire.engine.errors import NotPlayable, UnknownGame
from bondfire.engine.model import MemberState
from bondfire.engine.past import Played
from bondfire.engine.standing import credit
from bondfire.engine.turn import Turn, event_text
from bondfire.engine.units import check_known
from bondfire.events import Event
from bondfire.kit import nearest
from bondfire.ledger import Grant, Overflow, earn, spend
from bondfire.programs import Chance, Funding, Game, Program

ONE: Final = Decimal(1)


def game_named(program: Program, name: str) -> Game:
    """The game with this name.

    Raises:
        UnknownGame: the programme has none.
    """
    game = program.games.get(name)
    if game is None:
        close = nearest(name, program.games)
        known = f"It has: {', '.join(sorted(program.games))}." if program.games else "It has none."
        raise UnknownGame(
            f"The programme has no game {name!r}.", next_step=f"Did you mean {close!r}?" if close else known
        )
    return game


def game_played(turn: Turn, event: Event) -> None:
    """Take the price of a play and give its prize; of what is out of stock, what the programme says instead.

    Raises:
        UnknownGame: the programme has no such game.
        NotPlayable: not now, not there, not so often, or not in its turn.
        NotEnough: the member cannot pay the price.
    """
    check_known(turn)
    game = game_named(turn.program, event_text(event, "game"))
    _check_playable(turn, game)
    number = int(str(event.body["number"]))
    start = game.stretch_at(turn.effective_at, turn.program.zone).start
    if number != next_play(turn.state, game.name, start):
        raise NotPlayable(
            f"This is not the play number {number} of the member.",
            next_step="Play again.",
            code="out_of_turn",
        )
    if game.price is not None:
        unit, amount = game.price
        for part in spend(turn.book, turn.cause(event.id, rule=game.rule), unit=unit, amount=amount):
            turn.because("spent", rule=game.rule, unit=unit, amount=part.amount, lot=part.lot)
    turn.state.plays[game.name] = Played(start, number)
    for cap in caps_of(game):
        use_cap(turn.state, cap.key, left_of_cap(turn, cap)[1], ONE)
    drawn = game.prizes[event_text(event, "drawn")]
    turn.because("played", rule=game.rule, amount=Decimal(number), note=drawn.name)
    _give(turn, game, _in_stock(turn, game, drawn), event=event.id)


def next_play(state: MemberState, game: str, start: datetime) -> int:
    """The number of a member's next play in the period that begins then; 0 in one before their last."""
    played = state.plays.get(game)
    if played is None or played.moment < start:
        return 1
    return played.number + 1 if played.moment == start else 0


def _check_playable(turn: Turn, game: Game) -> None:
    if not game.runs_at(turn.effective_at):
        raise NotPlayable(f"The game {game.name} does not run at this time.", next_step="Play when it runs.")
    if game.attribute:
        country = turn.state.attributes.get(game.attribute)
        if country not in game.countries:
            raise NotPlayable(
                f"The game {game.name} cannot be played where the member is"
                f"{'' if country else ', for that is not known'}.",
                next_step=f"Set {game.attribute} of the member if it is wrong; it is decided by law.",
                code="not_in_this_country",
            )
    for cap in caps_of(game):
        if left_of_cap(turn, cap)[0] < ONE:
            per = "in all" if cap.window == "lifetime" else f"per {cap.window}"
            raise NotPlayable(
                f"A member may play {game.name} {cap.limit} times {per}.",
                next_step="Play when that is over." if cap.window != "lifetime" else "Play another game.",
                code="play_limit_reached",
            )


def _in_stock(turn: Turn, game: Game, drawn: Chance) -> Chance:
    """What was drawn, or what is given in its place when none of it is left."""
    stock = game.stock_of(drawn.name)
    if stock is None:
        return drawn
    funding = Funding(stock, "nothing", ONE, ONE)
    if fund(turn, funding, ONE, rule=game.rule):
        return drawn
    return game.prizes[drawn.fallback]


def _give(turn: Turn, game: Game, prize: Chance, *, event: str) -> None:
    units, at = turn.program.units, turn.effective_at
    grants: list[Grant] = [
        (game.rule, unit, amount, units[unit].terms(at, turn.day, turn.program.zone))
        for unit, amount in prize.awards
    ]
    try:
        lot = earn(turn.book, turn.cause(event), grants, now=turn.now) if grants else 0
    except Overflow as refusal:
        turn.because("award_failed", rule=game.rule, note=refusal.message)
        return
    turn.because("prize_given", rule=game.rule, note=prize.name)
    for number, (rule, unit, amount, _) in enumerate(grants, start=lot):
        turn.because("awarded", rule=rule, unit=unit, amount=amount, base=amount, lot=number)
        credit(turn, unit, amount, at)
    if prize.badge and prize.badge not in turn.state.badges:
        turn.state.badges[prize.badge] = at
        turn.because("badge_earned", rule=game.rule, note=prize.badge)
