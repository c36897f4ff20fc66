"""What can be asked about brands and their published programmes."""

from bondfire.programs import store
from bondfire.programs.check import load_program
from bondfire.programs.errors import NoProgram
from bondfire.programs.findings import suggest
from bondfire.programs.store import Connection
from bondfire.programs.timeline import Brand, Published, Timeline, Version


def list_brands(conn: Connection) -> list[Brand]:
    """All brands, by number."""
    return store.brands(conn)


def brand_named(conn: Connection, name: str) -> Brand:
    """The brand of this name.

    Raises:
        NoProgram: there is none; says the nearest.
    """
    brand = store.brand_named(conn, name)
    if brand is None:
        known = [each.name for each in store.brands(conn)]
        raise NoProgram(
            f"There is no brand {name!r}.",
            next_step=suggest(name, known) if known else "Publish a programme first: bondfire publish.",
        )
    return brand


def brand_numbered(conn: Connection, brand_id: int) -> Brand:
    """The brand of this number, and what time it is there.

    Raises:
        NoProgram: there is none.
    """
    brand = store.brand_numbered(conn, brand_id)
    if brand is None:
        raise NoProgram(f"There is no brand {brand_id}.", next_step="Make it first.")
    return brand


def newest_version(conn: Connection, brand_id: int) -> int:
    """The number of the version published last, 0 for none; cheap enough to be asked each time."""
    return store.newest_version(conn, brand_id)


def list_versions(conn: Connection, brand_id: int) -> list[Published]:
    """What was published for a brand, the oldest first."""
    return store.versions(conn, brand_id)


def load_timeline(conn: Connection, brand_id: int) -> Timeline:
    """The versions of a brand, compiled: which programme decides at which moment.

    Raises:
        NoProgram: nothing has been published.
        ProgramError: a version that this release of bondfire no longer accepts.
    """
    published = store.versions(conn, brand_id)
    if not published:
        raise NoProgram(
            f"Brand {brand_id} has no published programme.", next_step="Publish one: bondfire publish."
        )
    return Timeline(tuple(version_of(each) for each in published))


def version_of(published: Published) -> Version:
    """A published version, compiled."""
    name, runs = f"version {published.number}", published.runs_challenges
    program = load_program(published.document, name=name, runs_challenges=runs)
    return Version(published.number, published.valid_from, program)
