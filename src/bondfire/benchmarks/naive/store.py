"""A loyalty programme by the book of an ORM: objects, relations, a session and a commit for each event."""

import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final

import psycopg
from sqlalchemy import ForeignKey, create_engine, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

_FLAME: Final = 500
_FIRE: Final = 2_000


class _Base(DeclarativeBase):
    pass


class _Member(_Base):
    __tablename__ = "naive_member"
    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    status: Mapped[Decimal] = mapped_column(default=Decimal(0))
    points: Mapped[Decimal] = mapped_column(default=Decimal(0))
    tier: Mapped[str] = mapped_column(default="spark")


class _Event(_Base):
    __tablename__ = "naive_event"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("naive_member.id"), index=True)
    occurred_at: Mapped[datetime]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)


class _Entry(_Base):
    __tablename__ = "naive_entry"
    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("naive_event.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("naive_member.id"), index=True)
    rule: Mapped[str]
    unit: Mapped[str]
    amount: Mapped[Decimal]
    occurred_at: Mapped[datetime]
    available_at: Mapped[datetime]


class Naive:
    """Decides and stores orders one by one; tables of its own, in a database that is thrown away."""

    def __init__(self, dsn: str) -> None:
        self._engine = create_engine("postgresql+psycopg://", creator=partial(psycopg.connect, dsn))
        _Base.metadata.create_all(self._engine)

    def rate(self, orders: Sequence[Mapping[str, Any]], seconds: float) -> float:
        """Orders a second, for so long or as long as there are some."""
        began = time.perf_counter()
        done = 0
        for order in orders:
            self._take(order)
            done += 1
            if time.perf_counter() - began > seconds:
                break
        return done / (time.perf_counter() - began)

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

    def _take(self, order: Mapping[str, Any]) -> None:
        with Session(self._engine) as session, session.begin():
            if session.scalar(select(_Event).where(_Event.key == order["id"])) is not None:
                return
            wanted = select(_Member).where(_Member.reference == order["member"]).with_for_update()
            member = session.scalar(wanted)
            if member is None:
                member = _Member(reference=order["member"])
                session.add(member)
                session.flush()
            at = datetime.fromisoformat(order["occurred_at"])
            event = _Event(key=order["id"], member_id=member.id, occurred_at=at, body=dict(order))
            session.add(event)
            session.flush()
            _award(session, member, event)


def _award(session: Session, member: _Member, event: _Event) -> None:
    order, at = event.body, event.occurred_at
    total = Decimal(order["total"])
    floor, categories = total // 1, order["categories"]
    awards: list[tuple[str, str, Decimal]] = []
    if total >= 10:
        used = session.scalar(
            select(func.coalesce(func.sum(_Entry.amount), 0)).where(
                _Entry.member_id == member.id,
                _Entry.rule == "base",
                _Entry.unit == "points",
                _Entry.occurred_at >= at.replace(hour=0, minute=0, second=0, microsecond=0),
            )
        )
        awards += [("base", "points", min(floor, 1_000 - Decimal(used or 0))), ("base", "status", floor)]
    if "shoes" in categories and member.tier in {"flame", "fire"}:
        awards.append(("shoes", "points", floor))
    if "books" in categories and total >= 30:
        awards.append(("books", "points", Decimal(20)))
    if order.get("channel") == "app":
        awards.append(("app", "points", Decimal(5)))
    if total >= 150:
        awards.append(("big", "points", Decimal(50)))
    if member.tier == "fire":
        awards.append(("gold", "points", floor / 2))
    if order.get("store") == "s7":
        awards.append(("store", "points", Decimal(10)))
    for rule, unit, amount in awards:
        session.add(_entry(event, member, rule, (unit, amount)))
        setattr(member, unit, getattr(member, unit) + amount)
    member.tier = "fire" if member.status >= _FIRE else "flame" if member.status >= _FLAME else "spark"


def _entry(event: _Event, member: _Member, rule: str, award: tuple[str, Decimal]) -> _Entry:
    unit, amount = award
    return _Entry(
        event_id=event.id,
        member_id=member.id,
        rule=rule,
        unit=unit,
        amount=amount,
        occurred_at=event.occurred_at,
        available_at=event.occurred_at + timedelta(days=14),
    )
