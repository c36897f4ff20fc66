"""The programme: what earns what, read from a document, checked, and published as versions over time.

Owns: the document (YAML or JSON), its schema, the checks before publishing, versions and the brand they
belong to. Does not own: expressions (rules), event types (events), deciding by a programme (engine).
Invariants: a `Program` that exists has been checked whole; what was published is never changed; each
moment has exactly one version; a new version never reaches back behind what was decided.
"""

from bondfire.programs.check import Report, check_program, load_program
from bondfire.programs.errors import Problem, ProgramError
from bondfire.programs.model import (
    BEGINNING,
    Award,
    Books,
    Cap,
    Earning,
    EarnRule,
    Expiry,
    Program,
    Returns,
    Tier,
    TierSet,
    Timeline,
    Unit,
    Version,
    timeline_of,
)
from bondfire.programs.schema import program_schema

__all__ = [
    "BEGINNING",
    "Award",
    "Books",
    "Cap",
    "EarnRule",
    "Earning",
    "Expiry",
    "Problem",
    "Program",
    "ProgramError",
    "Report",
    "Returns",
    "Tier",
    "TierSet",
    "Timeline",
    "Unit",
    "Version",
    "check_program",
    "load_program",
    "program_schema",
    "timeline_of",
]
