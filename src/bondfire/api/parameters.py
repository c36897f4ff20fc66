"""Query parameters: a route takes those it names, each once; any other is a mistake with a nearest name."""

from collections import Counter
from collections.abc import Iterator

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from bondfire.errors import BadInput
from bondfire.kit import nearest


def check_parameters(request: Request) -> None:
    """Refuse parameters that the route does not know, and those sent twice.

    Raises:
        BadInput: `unknown_parameter` or `repeated_parameter`.
    """
    sent = Counter(name for name, _ in request.query_params.multi_items())
    if not sent:
        return
    route = request.scope["route"]
    assert isinstance(route, APIRoute)  # noqa: S101 - the framework's own; a raw route has its own parameters
    known = set(_names_in(route.dependant))
    for name, times in sent.items():
        if name not in known:
            like = nearest(name, known)
            names = f"It takes {', '.join(sorted(known))}." if known else "It takes none."
            raise BadInput(
                f"There is no parameter {name[:80]!r} here.",
                next_step=f"Did you mean {like!r}?" if like else names,
                code="unknown_parameter",
            )
        if times > 1:
            raise BadInput(
                f"The parameter {name!r} is there {times} times.",
                next_step="Send it once.",
                code="repeated_parameter",
            )


def _names_in(dependant: Dependant) -> Iterator[str]:
    yield from (parameter.alias for parameter in dependant.query_params)
    for inner in dependant.dependencies:
        yield from _names_in(inner)
