"""Members kept in a process between batches, so that a state is read once and not for every event."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from uuid import UUID

from bondfire.journal.record import MemberRecord
from bondfire.kit import bucket_of


class _Held(NamedTuple):
    record: MemberRecord
    generation: int


class StateCache:
    """The members that a process decided about last, at most `size` of them.

    A member is used only while the head of their bucket stands where this process left it: then nobody
    else has written there, so correctness needs no lease. What a batch did counts only after `confirm`,
    which belongs behind the commit; a batch that was rolled back is forgotten instead.

    Not for several threads at once. Between batches a record holds its open lots and no purchases.
    """

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._held: OrderedDict[UUID, _Held] = OrderedDict()
        self._heads: dict[int, int] = {}
        self._generations: dict[int, int] = {}
        self._unconfirmed: list[MemberRecord] = []
        self._moved: dict[int, int] = {}

    def find(self, members: Iterable[UUID], heads: Mapping[int, int]) -> dict[UUID, MemberRecord]:
        """Those of these members that are here and still true, by the locked heads of their buckets.

        They are taken out: they come back with `keep` and `confirm`, or are loaded again.
        """
        self._unconfirmed, self._moved = [], {}
        for bucket, next_seq in heads.items():
            if self._heads.get(bucket) != next_seq:
                self._heads[bucket] = next_seq
                self._generations[bucket] = self._generations.get(bucket, 0) + 1
        found = {}
        for member_id in members:
            held = self._held.pop(member_id, None)
            if held is not None and held.generation == self._generations[bucket_of(member_id)]:
                found[member_id] = held.record
        return found

    def keep(self, records: Iterable[MemberRecord], heads: Mapping[int, int]) -> None:
        """What a batch wrote, until `confirm`: its members, and where it left the heads of its buckets."""
        self._unconfirmed.extend(records)
        self._moved.update(heads)

    def confirm(self) -> None:
        """The transaction of the last batch was committed."""
        self._heads.update(self._moved)
        for record in self._unconfirmed:
            member_id = record.state.id
            self._held[member_id] = _Held(record, self._generations[bucket_of(member_id)])
        self._unconfirmed, self._moved = [], {}
        while len(self._held) > self._size:
            self._held.popitem(last=False)
