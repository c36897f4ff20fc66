"""`bondfire explain`: why, in sentences."""

from typing import TYPE_CHECKING, Annotated, Any, Literal
from uuid import UUID

from cyclopts import Parameter

from bondfire.cli.house import open_database
from bondfire.cli.options import AsJson, BrandName
from bondfire.cli.output import print_json, show_time
from bondfire.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bondfire.db import Connection
    from bondfire.journal import ExplainedEntry, Explanation, Language, MemberView
    from bondfire.programs import Brand, Timeline

What = Annotated[str, Parameter(help="A member (reference, or mem_ id), or the id of an event.")]
Source = Annotated[str | None, Parameter(help="Of an event: which system sent it.")]
OfMember = Annotated[
    str | None, Parameter(name="--member", help="Of an event: whose it is; quicker, and says that it is one.")
]


InLanguage = Annotated[Literal["en", "de"], Parameter(name="--language", help="Of the sentences.")]


def explain(
    what: What,
    /,
    *,
    brand: BrandName,
    source: Source = None,
    member: OfMember = None,
    language: InLanguage = "en",
    as_json: AsJson = False,
) -> None:
    """Say why: the reasons of an event, or of every entry of a member.

    Example: bondfire explain c-17 --brand corner-cafe

    Example: bondfire explain ord-1001 --brand corner-cafe --source shop

    Example: bondfire explain c-17 --brand corner-cafe --language de
    """
    from bondfire.db import connect, transaction
    from bondfire.programs import brand_named, load_timeline

    with open_database() as dsn, connect(dsn) as conn, transaction(conn):
        owner = brand_named(conn, brand)
        asked = _Asked(conn, owner, load_timeline(conn, owner.id), language)
        person = asked.person(what) if source is None and member is None else None
        told = asked.events(what, source, member) if person is None else []
        if person is not None:
            _show_member(asked, what, person, as_json=as_json)
        elif told and as_json:
            print_json({"events": [_event_dict(one) for one in told]})
        elif told:
            print("\n\n".join("\n".join(_event_lines(one)) for one in told))
        else:
            raise NotFound(
                f"{brand} has neither a member nor an event {what!r}"
                + (" from there." if source or member else "."),
                next_step="Check the reference or id, and --source and --member.",
                code="unknown_member_or_event",
            )


class _Asked:
    """Looks up what somebody may mean, in one transaction."""

    def __init__(
        self, conn: "Connection", brand: "Brand", timeline: "Timeline", language: "Language"
    ) -> None:
        self.conn = conn
        self.brand = brand
        self.timeline = timeline
        self.language = language

    def person(self, what: str) -> "MemberView | None":
        """The member of this name, if there is one."""
        from bondfire.journal import read_member
        from bondfire.members import find_member

        member_id = find_member(self.conn, self.brand, what)
        try:
            return read_member(self.conn, self.brand, self.timeline, member_id)
        except NotFound:
            return None

    def told(self, account: UUID) -> "Iterator[ExplainedEntry]":
        """Every entry of an account, with its sentence."""
        from bondfire.cli.story import told_entries

        return told_entries(self.conn, self.brand, self.timeline, account, language=self.language)

    def story(self, account: UUID) -> list[str]:
        """The story of an account, line by line."""
        from bondfire.cli.story import story_of

        return story_of(self.conn, self.brand, self.timeline, account, language=self.language)

    def events(self, event_id: str, source: str | None, member: str | None) -> "list[Explanation]":
        """The events of this id, narrowed down by source and member."""
        from bondfire.journal import explain_event, find_events
        from bondfire.members import accounts_of, find_member

        asked: list[UUID | None] = [None]
        if member is not None:
            asked = [*accounts_of(self.conn, self.brand, find_member(self.conn, self.brand, member))]
        places = [
            place
            for member_id in asked
            for place in find_events(self.conn, self.brand, event_id, source=source, member_id=member_id)
        ]
        return [
            explain_event(
                self.conn,
                self.brand,
                self.timeline,
                member_id=place.member_id,
                source=place.source,
                event_id=event_id,
                language=self.language,
            )
            for place in places
        ]


def _show_member(asked: _Asked, what: str, view: "MemberView", *, as_json: bool) -> None:
    from bondfire.cli.story import standing_lines

    if as_json:
        entries = [
            {"sentence": one.sentence, "account": _shown(account), **_entry_dict(one.view.entry)}
            for account in (view.member_id, *view.formerly)
            for one in asked.told(account)
        ]
        print_json({"member": what, "member_id": _shown(view.member_id), "entries": entries})
        return
    print("\n".join(standing_lines(view, asked.timeline.newest.program.zone)))
    print("\n".join(asked.story(view.member_id)))
    for former in view.formerly:
        print(f"\nWhat came under {_shown(former)}, which became part of it:")
        print("\n".join(asked.story(former)))


def _event_lines(told: "Explanation") -> list[str]:
    when = f"{show_time(told.occurred_at)} UTC"
    head = f"{told.type} {told.event} from {told.source}, {when}, of {_shown(told.member_id)}"
    decided = f"{told.decision.outcome} by version {told.decision.version}"
    return [f"{head}: {decided}.", *(f"  {sentence}" for sentence in told.sentences)]


def _event_dict(told: "Explanation") -> dict[str, Any]:
    decision = told.decision
    return {
        "event": told.event,
        "source": told.source,
        "type": told.type,
        "member_id": _shown(told.member_id),
        "occurred_at": told.occurred_at,
        "recorded_at": told.recorded_at,
        "outcome": decision.outcome,
        "code": decision.code or None,
        "version": decision.version,
        "sentences": told.sentences,
        "entries": [_entry_dict(entry) for entry in decision.entries],
        "tier_changes": decision.tier_changes,
        "reasons": told.reasons,
    }


def _entry_dict(entry: Any) -> dict[str, Any]:
    return {
        "number": entry.number,
        "unit": entry.unit,
        "kind": entry.kind,
        "debit": entry.debit,
        "credit": entry.credit,
        "amount": entry.amount,
        "lot": entry.lot or None,
        "event": entry.event or None,
        "rule": entry.rule or None,
        "version": entry.version,
        "effective_at": entry.effective_at,
        "posted_at": entry.posted_at,
        "reverses": entry.reverses or None,
    }


def _shown(member_id: UUID) -> str:
    from bondfire.kit import show_id

    return show_id("mem", member_id)
