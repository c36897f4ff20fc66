"""The programme: what earns what, read from a document, checked, and published as versions over time.

Owns: the document (YAML or JSON), its schema, the checks before publishing, versions and the brand they
belong to. Does not own: expressions (rules), event types (events), deciding by a programme (engine).
Invariants: a `Program` that exists has been checked whole; what was published is never changed; each
moment has exactly one version; a new version never reaches back behind what was decided.
"""

from bondfire.programs.actions import advance_clock, ensure_brand, plan_program, publish_program
from bondfire.programs.boards import BOARD_PREFIX, Board, Prize, Stretch
from bondfire.programs.check import Report, check_program, load_program
from bondfire.programs.discounts import MOST_COUPONS, Coupon, Discount, Issue
from bondfire.programs.errors import NoProgram, Problem, ProgramError, PublishError
from bondfire.programs.exchange import Rates
from bondfire.programs.funds import Budget, Funding
from bondfire.programs.goals import RULE_PREFIX, Action, Challenge, Step
from bondfire.programs.inviting import CODE_IN_LINK, REFERRAL_RULES, Doubts, LimitWindow, Referrals
from bondfire.programs.ladder import Tier, TierSet
from bondfire.programs.limits import Cap, Spending
from bondfire.programs.model import Books, Earning, Expiry, Pooling, Program, Returns, Terms, Unit
from bondfire.programs.odds import GAME_PREFIX, Chance, Game
from bondfire.programs.queries import (
    brand_named,
    brand_numbered,
    list_brands,
    list_versions,
    load_timeline,
    newest_version,
)
from bondfire.programs.reward import EXCLUSIVE, Reward, RewardKind
from bondfire.programs.rule import Award, Counting, EarnRule, RuleSet, Scoring, rule_set
from bondfire.programs.schema import program_schema
from bondfire.programs.timeline import Brand, Clock, Published, Timeline, Version, timeline_of
from bondfire.programs.velocity import AwardLimit, CountLimit, Review

__all__ = [
    "BOARD_PREFIX",
    "CODE_IN_LINK",
    "EXCLUSIVE",
    "GAME_PREFIX",
    "MOST_COUPONS",
    "REFERRAL_RULES",
    "RULE_PREFIX",
    "Action",
    "Award",
    "AwardLimit",
    "Board",
    "Books",
    "Brand",
    "Budget",
    "Cap",
    "Challenge",
    "Chance",
    "Clock",
    "CountLimit",
    "Counting",
    "Coupon",
    "Discount",
    "Doubts",
    "EarnRule",
    "Earning",
    "Expiry",
    "Funding",
    "Game",
    "Issue",
    "LimitWindow",
    "NoProgram",
    "Pooling",
    "Prize",
    "Problem",
    "Program",
    "ProgramError",
    "PublishError",
    "Published",
    "Rates",
    "Referrals",
    "Report",
    "Returns",
    "Review",
    "Reward",
    "RewardKind",
    "RuleSet",
    "Scoring",
    "Spending",
    "Step",
    "Stretch",
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
