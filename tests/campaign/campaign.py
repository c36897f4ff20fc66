"""A campaign: clients send, processes are killed at random points, and a judge compares in the end."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

from bondfire.access import RANDOM_BYTES, create_key
from bondfire.db import connect, transaction
from bondfire.programs import Brand, Timeline, ensure_brand, load_timeline, publish_program
from campaign.clients import Acknowledged, Client, Doors
from campaign.judgement import Judge
from campaign.processes import Backend, Command, Database, Server, Victim, Worker
from campaign.shop import BRAND, PROGRAM, Shop

TILLS = 4
ENDED_IN_ORDER = [0, 0, 130]
"""Exit codes of the servers and the worker when they are asked to end, whatever they went through."""
_MOST_ANSWERS_BETWEEN = 25

Say = Callable[[str], object]


@contextmanager
def repeatable(seed: int) -> Iterator[None]:
    """Whatever goes wrong in the block says from which seed it came."""
    try:
        yield
    except BaseException as error:
        error.add_note(f"The seed was {seed}; make crash SEED={seed} kills in the same order.")
        raise


def campaign(folder: Path, *, seed: int, kills: int, say: Say) -> Counter[str]:
    """Kill so many processes under load and judge what is left; how many of each kind were killed.

    Args:
        folder: that the server's user can reach.
        seed: of the choice and the moment of each kill, and of what is sent.
        kills: how many.
        say: told how it goes.
    """
    heard = Acknowledged()
    with repeatable(seed), Database(folder) as database:
        brand, timeline, token = opened(database.dsn)
        with ExitStack() as stack:
            town = Town(folder, database, stack)
            clients = [Client(Shop(seed, till, TILLS), town.doors, heard, token) for till in range(TILLS)]
            backend = Backend(database, Random(seed))
            victims: list[Victim] = [*town.commands, database, database, backend, backend]
            killed = under_load(clients, heard, lambda: fire(victims, heard, Random(seed), kills))
            assert [command.end() for command in town.commands] == ENDED_IN_ORDER
        say(f"{killed.total()} kills {dict(killed)}; {heard.told()}\n")
        Judge(database.dsn, brand, timeline, heard).judge()
    return killed


class Town:
    """Two API servers and a worker over one database, each under its supervisor until the stack is closed."""

    def __init__(self, folder: Path, database: Database, stack: ExitStack) -> None:
        self.doors = Doors()
        threads = stack.enter_context(ThreadPoolExecutor(3))
        servers = [Server(database, folder / f"server-{n}.log", threads, self.doors) for n in range(2)]
        self.commands: list[Command] = [*servers, Worker(database, folder / "worker.log", threads)]
        for command in self.commands:
            stack.enter_context(command)


def opened(dsn: str) -> tuple[Brand, Timeline, str]:
    """A brand that lives by the wall clock, its programme, and a key."""
    now = datetime.now(UTC)
    with connect(dsn) as conn, transaction(conn):
        brand = ensure_brand(conn, BRAND, "wall", created_at=now)
        publish_program(
            conn, brand.id, PROGRAM, published_at=now - timedelta(days=60), published_by="campaign"
        )
        random = secrets.token_bytes(RANDOM_BYTES)
        _, token = create_key(conn, brand.id, ["admin"], "campaign", created_at=now, random=random)
        return brand, load_timeline(conn, brand.id), token


def under_load(
    clients: Sequence[Client], heard: Acknowledged, act: Callable[[], Counter[str]]
) -> Counter[str]:
    """Do something while clients send; afterwards everything they began is acknowledged."""
    closing = Event()
    with ThreadPoolExecutor(len(clients)) as threads:
        working = [threads.submit(client.run, closing) for client in clients]
        try:
            done = act()
            heard.wait_for(_MOST_ANSWERS_BETWEEN)
        finally:
            closing.set()
            for one in working:
                one.result()
    return done


def fire(victims: Sequence[Victim], heard: Acknowledged, chance: Random, kills: int) -> Counter[str]:
    """Kill one after the other, each after a random number of further answers."""
    killed: Counter[str] = Counter()
    while killed.total() < kills and not heard.is_broken:
        victim = chance.choice(victims)
        victim.ready()
        heard.wait_for(chance.randrange(_MOST_ANSWERS_BETWEEN))
        killed[victim.name] += victim.kill()
    return killed
