"""What can be done to brands and programmes: begin a brand, publish a version, move a history's clock."""

from datetime import datetime
from typing import Final

from bondfire.errors import Conflict
from bondfire.kit import EPOCH
from bondfire.programs import store
from bondfire.programs.announced import refuse_to_surprise
from bondfire.programs.check import load_program
from bondfire.programs.errors import NoProgram, PublishError
from bondfire.programs.model import Program
from bondfire.programs.queries import version_of
from bondfire.programs.store import Connection
from bondfire.programs.timeline import Brand, Clock, Published, Version

_ATTEMPTS: Final = 20


def ensure_brand(conn: Connection, name: str, clock: Clock, *, created_at: datetime) -> Brand:
    """The brand of this name, made if it is not there.

    Two who make different brands at once may both reach for the same number; the later tries again.

    Raises:
        Conflict: the brand is there and lives by the other clock.
    """
    for _ in range(_ATTEMPTS):
        brand = store.brand_named(conn, name)
        if brand is None:
            store.insert_brand(conn, name, clock, created_at)
        elif brand.clock != clock:
            raise Conflict(
                f"The brand {name!r} lives by the {brand.clock} clock, not the {clock} clock.",
                next_step="Give the brand of this document another name.",
                code="other_clock",
            )
        else:
            return brand
    raise Conflict(f"The brand {name!r} could not be made.", next_step="Try again.", code="busy")


def advance_clock(conn: Connection, brand_id: int, clock_at: datetime) -> None:
    """Tell a brand that lives by its events how late it is; its clock never goes back."""
    store.advance_clock(conn, brand_id, clock_at)


def publish_program(
    conn: Connection,
    brand_id: int,
    text: str | bytes,
    *,
    published_at: datetime,
    published_by: str,
    valid_from: datetime | None = None,
    name: str = "program.yaml",
) -> Version:
    """Publish a document as the newest version of a brand's programme.

    The same document again, also in another layout, changes nothing. The first version is valid since
    ever; a later one from the brand's time on, so nothing decided is ever decided differently.

    Args:
        conn: in a transaction of the caller's; the brand stays locked until it ends.
        brand_id: whose programme it is.
        text: the document.
        published_at: the wall clock, aware.
        published_by: who did it, for people.
        valid_from: from when it decides; the brand's time without it.
        name: the file's name, for messages.

    Raises:
        ProgramError: with all mistakes of the document.
        NoProgram: no such brand.
        PublishError: for another brand, valid too early, it takes a unit away, changes the currency of its
            value or what a challenge asks for.
    """
    brand = store.lock_brand(conn, brand_id)
    if brand is None:
        raise NoProgram(f"There is no brand {brand_id}.", next_step="Make it first.")
    version = plan_program(conn, brand, text, published_at=published_at, valid_from=valid_from, name=name)
    number, starts, program = version.number, version.valid_from, version.program
    if number > store.newest_version(conn, brand_id):
        published = Published(number, starts, published_at, published_by, program.digest, program.document)
        store.insert_version(conn, brand_id, published)
    return version


def plan_program(
    conn: Connection,
    brand: Brand,
    text: str | bytes,
    *,
    published_at: datetime,
    valid_from: datetime | None = None,
    name: str = "program.yaml",
) -> Version:
    """The version that publishing a document would make, or the newest if it is that; nothing is written.

    Arguments and refusals are those of `publish_program`.
    """
    program = load_program(text, name=name)
    if program.brand != brand.name:
        raise PublishError(
            f"{name} is a programme of {program.brand!r}, not of {brand.name!r}.",
            next_step="Publish it for its own brand, or correct its key brand.",
            code="other_brand",
        )
    published = store.versions(conn, brand.id)
    newest = published[-1] if published else None
    if newest is None:
        return Version(1, EPOCH, program)
    before = version_of(newest)
    if newest.digest == program.digest and (newest.runs_challenges or not program.challenges):
        return before
    _refuse_to_lose_value(before.program, program)
    _refuse_another_currency(before.program, program)
    _refuse_to_move_goals(before.program, program)
    starts = _valid_from(brand, newest, published_at, valid_from)
    refuse_to_surprise(before.program, program, starts)
    return Version(newest.number + 1, starts, program)


def _valid_from(brand: Brand, newest: Published, published_at: datetime, wanted: datetime | None) -> datetime:
    now = brand.time(published_at)
    starts = wanted or now
    if starts < now:
        raise PublishError(
            f"A version cannot be valid from {starts:%Y-%m-%d %H:%M}: for {brand.name} it is "
            f"{now:%Y-%m-%d %H:%M} UTC, and what was decided stays.",
            next_step="Leave valid_from out, or give a later time.",
        )
    if starts < newest.valid_from:
        raise PublishError(
            f"Version {newest.number} is valid from {newest.valid_from:%Y-%m-%d %H:%M} UTC; a newer one "
            "cannot be valid before it.",
            next_step="Give the same time or a later one.",
        )
    return starts


def _refuse_another_currency(before: Program, after: Program) -> None:
    """What lots are worth is said in the currency of their version, and the books add it up."""
    if after.currency != before.currency and any(unit.value is not None for unit in before.units.values()):
        raise PublishError(
            f"The new version is in {after.currency}; its units have a value in {before.currency}.",
            next_step=f"Keep the currency {before.currency}.",
            code="currency_changed",
        )


def _refuse_to_lose_value(before: Program, after: Program) -> None:
    """Members may hold every unit ever published, so units stay what they are."""
    for name, unit in before.units.items():
        still = after.units.get(name)
        if still is None:
            what = f"takes away the unit {name!r}, which members may hold"
        elif (still.decimals, still.qualifying) != (unit.decimals, unit.qualifying):
            what = f"changes what the unit {name!r} is (decimals or qualifying)"
        else:
            continue
        raise PublishError(
            f"The new version {what}.",
            next_step="Keep the unit as it is; stop awarding it and name a new one.",
            code="unit_changed",
        )


def _refuse_to_move_goals(before: Program, after: Program) -> None:
    """Members are on their way to what was published, and their progress is counted in its terms."""
    for name, challenge in before.challenges.items():
        if name in after.challenges and after.challenges[name].goal != challenge.goal:
            raise PublishError(
                f"The new version changes what the challenge {name!r} asks for.",
                next_step="Keep its goal (what it gives, when and until when may change), or name a new one.",
                code="challenge_changed",
            )
