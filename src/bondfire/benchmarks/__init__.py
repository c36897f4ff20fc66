"""What bondfire costs, measured on this machine beside the yardsticks of others.

Owns: the workload, the yardsticks (pgbench, an ORM, a plain FastAPI route, packages for CEL,
lifetimes), the goals.
Does not own: how results are shown (cli). Invariants: what is compared is measured in one run, in turns; a
server of its own is started and removed, and no data of the installation are touched.
"""

from bondfire.benchmarks.goals import GOALS, Goal
from bondfire.benchmarks.insights import Beside, measure_insights
from bondfire.benchmarks.measure import SHORT, WHOLE, Figures, Measured, Scale, measure
from bondfire.benchmarks.profile import Share

__all__ = [
    "GOALS",
    "SHORT",
    "WHOLE",
    "Beside",
    "Figures",
    "Goal",
    "Measured",
    "Scale",
    "Share",
    "measure",
    "measure_insights",
]
