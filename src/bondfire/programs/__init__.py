"""The programme: what earns what, read from a document, checked, and published as versions over time.

Owns: the document (YAML or JSON), its schema, the checks before publishing, versions and the brand they
belong to. Does not own: expressions (rules), event types (events), deciding by a programme (engine).
Invariants: a `Program` that exists has been checked whole; what was published is never changed; each
moment has exactly one version; a new version never reaches back behind what was decided.
"""

from bondfire.programs.actions import advance_clock, ensure_brand, plan_program, publish_program
from bondfire.programs.check import Report, check_program, load_program
from bondfire.programs.errors import NoProgram, Problem, ProgramError, PublishError
from bondfire.programs.goals import RULE_PREFIX, Action, Challenge, Step
from bondfire.programs.ladder import Tier, TierSet
from bondfire.programs.model import (
    Award,
    Books,
    Cap,
    Counting,
    Earning,
    EarnRule,
    Expiry,
    Pooling,
    Program,
    Returns,
    RuleSet,
    Terms,
    Unit,
    rule_set,
)
from bondfire.programs.queries import (
    brand_named,
    brand_numbered,
    list_brands,
    list_versions,
    load_timeline,
    newest_version,
)
from bondfire.programs.schema import program_schema
from bondfire.programs.timeline import Brand, Clock, Published, Timeline, Version, timeline_of

__all__ = [
    "RULE_PREFIX",
    "Action",
    "Award",
    "Books",
    "Brand",
    "Cap",
    "Challenge",
    "Clock",
    "Counting",
    "EarnRule",
    "Earning",
    "Expiry",
    "NoProgram",
    "Pooling",
    "Problem",
    "Program",
    "ProgramError",
    "PublishError",
    "Published",
    "Report",
    "Returns",
    "RuleSet",
    "Step",
    "Terms",
    "Tier",
    "TierSet",
    "Timeline",
    "Unit",
    "Version",
    "advance_clock",
    "brand_named",
    "brand_numbered",
    "check_program",
    "ensure_brand",
    "list_brands",
    "list_versions",
    "load_program",
    "load_timeline",
    "newest_version",
    "plan_program",
    "program_schema",
    "publish_program",
    "rule_set",
    "timeline_of",
]
