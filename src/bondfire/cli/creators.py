"""`bondfire creators`: tracked codes, what they brought, and content that waits for a person."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import count, print_json
from bondfire.cli.review import Actor, Reason, Since, Until, in_brand

if TYPE_CHECKING:
    from bondfire.creators import Content, TrackedCode
    from bondfire.db import Connection
    from bondfire.programs import Brand, Timeline

creators = App(
    name="creators",
    help="Give creators codes, decide content, report money.",
    help_epilogue="Example: bondfire creators report --brand corner-cafe",
    help_format="plaintext",
)

Creator = Annotated[str, Parameter(help="The creator: a reference, an alias or an id.")]
ContentId = Annotated[str, Parameter(help="The id of the content.submitted event.")]
_MOST = 1_000


@creators.command
def code(
    who: Creator,
    code: Annotated[str, Parameter(help="What customers give, such as ANNA10.")],
    /,
    *,
    campaign: Annotated[str, Parameter(help="The campaign that it is for.")],
    brand: BrandName,
    as_json: AsJson = False,
) -> None:
    """Give a creator a tracked code for a campaign; the very same again changes nothing.

    Example: bondfire creators code c-17 ANNA10 --campaign spring --brand corner-cafe
    """
    from bondfire.creators import give_tracked_code
    from bondfire.kit import show_id
    from bondfire.members import find_member

    def act(conn: "Connection", owner: "Brand", _: "Timeline") -> "TrackedCode":
        member_id, now = find_member(conn, owner, who), datetime.now(UTC)
        return give_tracked_code(conn, owner, member_id, code=code, campaign=campaign, at=now)

    given = in_brand(brand, act)
    member_id = show_id("mem", given.member_id)
    if as_json:
        print_json({"code": given.code, "member_id": member_id, "campaign": given.campaign})
    else:
        print(f"{given.code} brings orders to {member_id}, for {given.campaign}.")


@creators.command
def report(*, brand: BrandName, since: Since = None, until: Until = None) -> None:
    """Report as CSV what each code brought, of orders that were kept, and what is owed for it.

    Without days the last 30 up to now.

    Example: bondfire creators report --brand corner-cafe --since 2026-03-01 --until 2026-03-31
    """
    from bondfire.creators import as_csv, brought_by_codes
    from bondfire.review import period_of

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline") -> list[str]:
        program = timeline.newest.program
        period = period_of(since, until, now=owner.time(datetime.now(UTC)), zone=program.zone)
        found = brought_by_codes(conn, owner, since=period.since, until=period.until)
        return list(as_csv(program, found))

    for line in in_brand(brand, act):
        print(line, end="")


@creators.command
def content(*, brand: BrandName, as_json: AsJson = False) -> None:
    """List what creators submitted and nobody has decided about, the oldest first.

    Example: bondfire creators content --brand corner-cafe
    """
    from bondfire.creators import waiting_content
    from bondfire.kit import show_id

    def act(conn: "Connection", owner: "Brand", _: "Timeline") -> "list[Content]":
        return waiting_content(conn, owner, limit=_MOST)

    waiting = in_brand(brand, act)
    if as_json:
        shown = [
            {
                "member_id": show_id("mem", one.member_id),
                "content": one.content,
                "url": one.url,
                "campaign": one.campaign or None,
                "authenticity": one.authenticity,
            }
            for one in waiting
        ]
        print_json({"content": shown})
        return
    for one in waiting:
        print(f"{show_id('mem', one.member_id)} {one.content} ({one.authenticity}): {one.url}")
    print(f"{count(len(waiting), 'submission')} to decide.")


@creators.command
def decide(
    who: Creator,
    content: ContentId,
    verdict: Annotated[Literal["approved", "rejected"], Parameter(help="What was decided.")],
    /,
    *,
    brand: BrandName,
    reason: Reason,
    by: Actor,
    as_json: AsJson = False,
) -> None:
    """Approve or reject what a creator submitted, for ever.

    Example: bondfire creators decide c-17 reel-7 approved --brand corner-cafe --reason "as agreed" --by ada
    """
    from bondfire.creators import decide_content
    from bondfire.kit import show_id
    from bondfire.members import find_member

    def act(conn: "Connection", owner: "Brand", timeline: "Timeline") -> str:
        member_id, at = find_member(conn, owner, who), owner.time(datetime.now(UTC))
        why = {"reason": reason, "actor": by}
        decide_content(conn, owner, timeline, (member_id, content), verdict=verdict, at=at, **why)
        return show_id("mem", member_id)

    member_id = in_brand(brand, act)
    if as_json:
        print_json({"member_id": member_id, "content": content, "verdict": verdict})
    else:
        print(f"{content} of {member_id} is {verdict}.")
