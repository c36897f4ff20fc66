"""The API: REST under /v1 with problem+json, an OpenAPI document, and a page to try it.

Owns: routes, wire shapes, who is let in, problems, limits, the log and the metrics of requests.
Does not own: any rule; a route reads the request, calls one act of a lower folder in one transaction, and
answers.
Invariants: nothing is committed but here; every refusal is a problem (RFC 9457) with a stable code and a
next step; amounts are decimal strings, times are UTC; no answer of one brand ever holds another's; the log
holds nothing that a request said.
"""

from bondfire.api.app import create_app, openapi_document
from bondfire.api.batches import read_rows, split_rows
from bondfire.api.house import Terms
from bondfire.api.logs import forward_libraries, make_log

__all__ = [
    "Terms",
    "create_app",
    "forward_libraries",
    "make_log",
    "openapi_document",
    "read_rows",
    "split_rows",
]
