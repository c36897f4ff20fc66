"""`bondfire demo`: a year of a real shop through a real programme on a real PostgreSQL, with every reason."""

from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from bondfire.cli.house import settings_of_this_process
from bondfire.cli.options import A_PORT, AsJson
from bondfire.cli.output import print_json, say, show
from bondfire.cli.serving import Service, address_of, serve_api, take_port

if TYPE_CHECKING:
    from bondfire.cli.demo_history import Facts

DemoPort = Annotated[
    int | None,
    Parameter(
        name="--port", validator=A_PORT, help="Where the API is served; 8000 or the next free one without it."
    ),
]
NoServe = Annotated[bool, Parameter(name="--no-serve", negative=(), help="Print the result and end.")]


def demo(*, port: DemoPort = None, no_serve: NoServe = False, as_json: AsJson = False) -> None:
    """Run a year of a real shop through a real programme, then serve the API.

    Starts a PostgreSQL, imports the 22,190 baskets of 4,372 customers of the UCI Online Retail data set,
    and prints what became of the points, and the story of one member with a reason for every entry. Stopped
    at any moment and started again it goes on where it was; a second start repeats nothing.

    Example: bondfire demo --port 8080
    """
    from bondfire.cli.demo_history import demo_key, prepare
    from bondfire.db import migrate, running_server

    settings = settings_of_this_process()
    wanted = settings.port if port is None else port
    listening = None if no_serve else take_port(settings.host, wanted, or_next=port is None)
    with running_server(settings, say=say) as dsn:
        migrate(dsn)
        facts = prepare(dsn, workers=settings.workers)
        if not as_json:
            _show(facts)
        if listening is None:
            if as_json:
                print_json(facts.as_dict())
            return
        address, token = address_of(listening), demo_key(dsn, facts.brand)
        served = {"url": address, "docs": f"{address}/docs", "key": token}

        def ready() -> None:
            if as_json:
                print_json({**facts.as_dict(), **served})
            else:
                _show_door(served, facts)

        serve_api(Service(dsn, listening, settings, "warning"), ready=ready)


def _show(facts: "Facts") -> None:
    from bondfire.cli.tables import tier_tables, totals_table

    print(facts.headline)
    show(totals_table(facts.report.totals, facts.program), *tier_tables(facts.report.tiers, facts.program))
    print("\n".join(facts.story))
    print()
    print(facts.left_out)


def _show_door(served: dict[str, Any], facts: "Facts") -> None:
    print(f"\nThe API is at {served['url']}, its page at {served['docs']}. Ctrl-C ends it. Ask it:\n")
    print(
        f"  curl -H 'Authorization: Bearer {served['key']}' {served['url']}/v1/members/{facts.member}\n",
        flush=True,
    )
