"""Example brands: their programmes and the histories they run on.

Owns: data sets that travel with bondfire, and the programme documents written for them. Does not own:
how a programme or an event is read. Invariant: nothing in the product needs an example to work.
"""

from bondfire.examples.online_retail import History, Summary, events_of_online_retail, read_online_retail
from bondfire.examples.programs import EXAMPLES, example_program

__all__ = [
    "EXAMPLES",
    "History",
    "Summary",
    "events_of_online_retail",
    "example_program",
    "read_online_retail",
]
