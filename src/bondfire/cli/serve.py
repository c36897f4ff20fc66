"""`bondfire serve`: serves the API."""

from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

from bondfire.cli.house import open_database, settings_of_this_process
from bondfire.cli.options import A_PORT, AsJson
from bondfire.cli.output import print_json
from bondfire.cli.servers import serve_with
from bondfire.cli.serving import Service, address_of, serve_api, take_port

Host = Annotated[str | None, Parameter(help="Where to listen; BONDFIRE_HOST or 127.0.0.1 without it.")]
Port = Annotated[
    int | None, Parameter(validator=A_PORT, help="Which port, 0 for any; BONDFIRE_PORT or 8000 without it.")
]


Workers = Annotated[
    int,
    Parameter(
        validator=Number(gte=1, lte=64),
        help="Processes that serve at this port. Each counts rate limits for itself.",
    ),
]


def serve(*, host: Host = None, port: Port = None, workers: Workers = 1, as_json: AsJson = False) -> None:
    """Serve the API until Ctrl-C.

    The page to read and try it is at /docs. Each request gets a line of JSON on stderr. Ctrl-C and SIGTERM
    let requests that have begun finish.

    Example: bondfire serve --port 8080
    """
    settings = settings_of_this_process()
    listening = take_port(host or settings.host, settings.port if port is None else port)
    address = address_of(listening)

    def ready() -> None:
        if as_json:
            print_json({"url": address, "docs": f"{address}/docs"})
        else:
            print(f"Serving {address} (page: {address}/docs). Ctrl-C ends it.", flush=True)

    with open_database() as dsn:
        service = Service(dsn, listening, settings, settings.log_level)
        if workers == 1:
            serve_api(service, ready=ready)
        else:
            serve_with(workers, service, ready=ready)
