"""What would happen if: a programme run over a history, in memory, without a server.

Owns: the run over a stream of events and the published shape of its result. Does not own: any rule of its
own; the engine decides here exactly as it does live. Invariant: the digest of a simulated history equals
that of the same history live or replayed.
"""

from bondfire.simulation.run import Refused, Simulation, simulate

__all__ = ["Refused", "Simulation", "simulate"]
