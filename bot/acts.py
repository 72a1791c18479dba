"""Performs what a flow asks for: seal and submit, look up, add, keep or forget an address.

Everything slow (sealing, deriving) happens here, before the unit of work; what is left for it is a
short ``Work``. A refusal becomes an event that the flow answers; it never holds what was typed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from bot.dialogue_rows import Row
from bot.flows import router
from bot.flows.base import (
    Act,
    Add,
    Added,
    Heard,
    KeepAddress,
    LookUp,
    News,
    NewsItem,
    NotSent,
    Result,
    Say,
    Sent,
    StopPush,
    Submit,
    Wipe,
)
from bot.flows.world import World
from bot.pictures import SealedPhoto
from bot.world import FORMS
from intake.drafts import MAX_TEXT
from intake.errors import Misconfigured, Refused
from intake.follow_up import FollowUp
from intake.limits import Buckets, Slow
from intake.tips import PreparedTip, Tips
from intake.vault.relay import seal_address
from intake.vault.sealing import new_id
from storage.pushes import PushRow, StopRow
from storage.unit_of_work import Tx

Work = Callable[[Tx], object]
PUSH_DAYS = 90  # the sentence `bao_khi_co_tra_loi` says this number


@dataclass(slots=True, repr=False)
class Thought:
    """A step that has been thought through and waits for its unit of work."""

    row: Row
    says: list[Say] = field(default_factory=list[Say])
    works: list[Work] = field(default_factory=list[Work])
    photos: Sequence[SealedPhoto] = ()
    wipe: Wipe | None = None
    sent: bool = False
    drawn: list[str] = field(default_factory=list[str])  # kinds of flood buckets
    prepared: list[PreparedTip] = field(default_factory=list[PreparedTip])


class Done(NamedTuple):
    """An act performed: what comes back to the flow, and what is left for the unit of work."""

    event: Result | None = None
    work: Work | None = None
    tip_id: str | None = None
    drawn: str | None = None
    prepared: PreparedTip | None = None


class Acts:
    """The hands of the dialogue."""

    def __init__(self, tips: Tips, follow_up: FollowUp, limits: Buckets) -> None:
        self._tips = tips
        self._follow_up = follow_up
        self._limits = limits

    async def think(self, row: Row, heard: Heard, world: World) -> Thought:
        """Take the pure step, perform what it asks for, and take the next, until it is quiet."""
        step = router.hear(row.state, heard, world)
        thought = Thought(row.but(state=step.state), list(step.says))
        while step.act is not None:
            thought.wipe = _wiping(step.act) or thought.wipe
            done = await self._perform_or_refuse(step.act, thought.row)
            thought.works += [done.work] if done.work else []
            thought.drawn += [done.drawn] if done.drawn else []
            thought.prepared += [done.prepared] if done.prepared else []
            thought.sent |= isinstance(done.event, Sent)
            tip_id = done.tip_id or thought.row.tip_id
            if done.event is None:
                break
            step = router.hear(thought.row.state, done.event, world)
            thought.row = thought.row.but(state=step.state, tip_id=tip_id)
            thought.says += step.says
        return thought

    def give_back(self, thought: Thought, *, refused: bool) -> None:
        """Undo the counting of a step that was not kept: the platform will bring it again.

        ``refused``: by its unit of work, so that its code is as good as new. A commit that failed
        may have happened all the same.
        """
        for prepared in thought.prepared if refused else ():
            self._tips.put_back(prepared)
        for kind in thought.drawn:
            if thought.row.channel not in FORMS:
                self._limits.give_back(kind, f"{thought.row.channel}:{thought.row.address}")

    async def _perform_or_refuse(self, act: Act, row: Row) -> Done:
        try:
            return await self._perform(act, row)
        except Slow as slow:
            key = "thu_nhieu_lan" if isinstance(act, LookUp) else "qua_nhieu"
            return Done(NotSent(key, {"so_phut": slow.minutes}))
        except Misconfigured:  # the key list has become unusable: the box is closed
            return Done(NotSent("tam_dong"))
        except Refused as refusal:
            return Done(NotSent(refusal.wording, {"n": MAX_TEXT}))

    async def _perform(self, act: Act, row: Row) -> Done:
        match act:
            case Submit():
                return self._submit(row)
            case LookUp():
                return await self._look_up(row)
            case Add(text, calm):
                return await self._add(row, text, calm=calm)
            case KeepAddress():
                return self._keep_address(row)
            case StopPush():
                return self._stop(row)
            case Wipe():
                return Done()

    def _submit(self, row: Row) -> Done:
        self._count("filing", row)
        prepared = self._tips.prepare(row.state.draft)
        return Done(
            Sent(prepared.code),
            prepared.add,
            prepared.tip.id.hex(),
            drawn="filing",
            prepared=prepared,
        )

    async def _look_up(self, row: Row) -> Done:
        self._count("look_up", row)
        found = await self._follow_up.look_up(row.state.code or "")
        items = tuple(NewsItem(each.kind, each.text) for each in found.messages)
        return Done(News(items), drawn="look_up")

    async def _add(self, row: Row, text: str, *, calm: bool) -> Done:
        self._count("filing", row)
        found = await self._follow_up.look_up(row.state.code or "")
        photos = row.state.draft.photos
        prepared = self._follow_up.prepare_addition(found, text, photos, calm=calm)
        return Done(Added(), prepared.add, drawn="filing")

    def _keep_address(self, row: Row) -> Done:
        if row.tip_id is None or row.channel in FORMS:
            return Done()
        row_id, tip_id = new_id(), bytes.fromhex(row.tip_id)
        last_day = self._tips.key_list.clock.today() + timedelta(days=PUSH_DAYS)
        push = PushRow(row_id, tip_id, self._sealed(row_id, row), last_day)

        def work(tx: Tx) -> None:
            tx.pushes.add_while_open(push)  # the unit may have been quick

        return Done(work=work)

    def _stop(self, row: Row) -> Done:
        if row.channel in FORMS:
            return Done()
        row_id = new_id()
        stop = StopRow(row_id, self._sealed(row_id, row))

        def work(tx: Tx) -> None:
            tx.pushes.add_stop(stop)

        return Done(work=work)

    def _sealed(self, row_id: bytes, row: Row) -> bytes:
        relay = self._tips.key_list.current.relay
        return seal_address(relay, row_id, row.channel, row.address)

    def _count(self, kind: str, row: Row) -> None:
        """Draw from a flood bucket; a page draws at its own door, where the sender is known."""
        if row.channel not in FORMS:
            self._limits.take(kind, f"{row.channel}:{row.address}")


def _wiping(act: Act) -> Wipe | None:
    match act:
        case Wipe():
            return act
        case StopPush(wipe=True):
            return Wipe()
        case _:
            return None
