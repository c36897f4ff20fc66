"""Example brands: their programmes and the histories they run on.

Owns: data sets that travel with bondfire, and the programme documents written for them. Does not own:
how a programme or an event is read. Invariant: nothing in the product needs an example to work.
"""

from bondfire.examples.programs import EXAMPLES, example_program

__all__ = ["EXAMPLES", "example_program"]
