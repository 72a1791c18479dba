"""The officers' desk, first form: the queue, claiming, answering, asking, closing.

States and closing reasons stand in `intake.tip_states`. Nothing here scores or names a person; a
withheld tip is absent from lists and counts because both are filtered by the same policy in SQL.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from intake.disclosure import Disclosure, Opened
from intake.drafts import MAX_TEXT
from intake.errors import Conflict, EmptyTip, HomThuError, NotValid, TooLong
from intake.follow_up import state_delay
from intake.keylist import KeyList
from intake.officers import Session
from intake.parts import Body, PartKind, encode, to_minute
from intake.policy import Right
from intake.queue_page import QueuePage, queue_row, read_mark, write_mark
from intake.seen import seen_versions, unseen
from intake.service import Intake
from intake.text import clean, is_empty
from intake.tip_states import MOVES, OPEN_STATES, REASONS, STATES, TOLD
from intake.upkeep.holds import Holds
from intake.vault import sealing
from intake.vault.key_pairs import PublicKey, key_id_of
from storage.errors import Stale
from storage.parts import NewPart, PartHead
from storage.tips import TipRow
from storage.unit_of_work import Tx, View

_DECIDE_WITHIN = {1: timedelta(hours=2), 2: timedelta(hours=24), 3: timedelta(hours=72)}
_MOST_PER_PAGE = 100


class Triage:
    """Lists tips and moves them."""

    def __init__(self, intake: Intake, disclosure: Disclosure, key_list: KeyList) -> None:
        self._intake = intake
        self._disclosure = disclosure
        self._key_list = key_list
        self.holds = Holds(intake, disclosure)

    def queue(
        self,
        session: Session,
        states: Sequence[str] = OPEN_STATES,
        after: str | None = None,
        limit: int = 50,
    ) -> QueuePage:
        """Return one page: urgent first, then by clock, then by random id. One audit row a page.

        The open queue also holds closed tips to which the reporter has added something: they stay
        closed, because only an officer opens a tip again, and leave the queue once somebody has
        answered, claimed or reopened them. ``counts`` counts them as closed. Whoever looks here
        sees "khẩn" without being called: page calls are rows that a later release sends.

        ``after`` is the ``next_after`` of the page before.

        Raises:
            NotValid: an unknown state or a broken ``after``.
            DatabaseBusy: the audit row could not be kept, so nothing was opened.
        """
        if not set(states) <= set(STATES):
            raise NotValid("unknown state")
        units = self._disclosure.units(session, Right.READ_QUEUE)
        now, start = self._intake.clock.now(), read_mark(after)
        most = max(1, min(limit, _MOST_PER_PAGE))
        with self._intake.read() as view:
            tips = (
                view.tips.queue(
                    units, states, now, start, most + 1,
                    closed_with_news=tuple(states) == OPEN_STATES,
                )
                if units
                else []
            )  # fmt: skip
            counts = view.tips.count(units, list(STATES), now) if units else {}
            names = {unit.id: unit.name for unit in view.areas.units()}
            versions = seen_versions(view, tips, now)
        page, more = tips[:most], len(tips) > most
        self._disclosure.note(session, "queue.list", session.unit_id, rows=str(len(page)))
        headlines = self._disclosure.headlines(session, page)
        rows = tuple(
            queue_row(tip, versions[tip.id], headlines.get(tip.id), names, now) for tip in page
        )
        return QueuePage(
            rows=rows, next_after=write_mark(page[-1]) if more else None, counts=dict(counts)
        )

    def claim(self, session: Session, tip_id: str, version: int) -> None:
        """Take a tip in hand: it is being looked at from now on.

        Raises:
            NotFound: none that this officer may see.
            Conflict: somebody changed it first, or the reporter has added something.
        """
        tip = self._disclosure.find(session, tip_id, Right.ANSWER)
        opened = self._disclosure.opened(session, tip, "tip.claim")
        state = "screening" if tip.state == "new" else tip.state
        self._move(session, opened, version, state, act="tip.claim")

    def answer(
        self, session: Session, tip_id: str, version: int, text: str, *, ask: bool = False
    ) -> None:
        """Send an answer, or a question, to whoever holds the code. It is not delayed.

        Raises:
            EmptyTip: nothing to read.
            TooLong: more than ``MAX_TEXT`` characters.
            NotFound: none that this officer may see.
            Conflict: somebody changed it first, or the reporter has added something.
        """
        said = clean(text)
        if is_empty(said):
            raise EmptyTip("nothing to read")
        if len(said) > MAX_TEXT:
            raise TooLong("longer than one answer may be")
        tip = self._disclosure.find(session, tip_id, Right.ANSWER)
        opened = self._disclosure.opened(session, tip, "tip.answer")
        reply = self._part(tip, "ask" if ask else "reply", said, self._intake.clock.now())
        state = "need_info" if ask else "screening" if tip.state == "new" else tip.state
        if tip.state == "closed":
            state = "closed"
        self._move(session, opened, version, state, act="tip.answer", parts=(reply,))

    def close(self, session: Session, tip_id: str, version: int, reason: str) -> None:
        """Close a tip for one of the written reasons.

        Raises:
            NotValid: not one of ``REASONS``, or closed already.
            NotFound: none that this officer may see.
            Conflict: somebody changed it first, or the reporter has added something.
        """
        if reason not in {known.key for known in REASONS}:
            raise NotValid("unknown reason")
        self._change(session, tip_id, version, "closed", Right.CLOSE, closing=reason)

    def set_state(self, session: Session, tip_id: str, version: int, state: str) -> None:
        """Move a tip to another state; "mở lại" is a move from closed.

        Raises:
            NotValid: no such move.
            NotFound: none that this officer may see.
            Conflict: somebody changed it first, or the reporter has added something.
        """
        if state == "closed":
            raise NotValid("closing needs a reason")
        self._change(session, tip_id, version, state, Right.ANSWER, closing="")

    def _change(
        self, session: Session, tip_id: str, version: int, state: str, right: Right, *, closing: str
    ) -> None:
        tip = self._disclosure.find(session, tip_id, right)
        if state not in MOVES.get(tip.state, set()):
            raise self._why_no_move(tip, version)
        opened = self._disclosure.opened(session, tip, "tip.state")
        headline = opened.headline.model_copy(update={"closing": closing})
        self._move(session, opened._replace(headline=headline), version, state, act="tip.state")

    def _why_no_move(self, tip: TipRow, version: int) -> HomThuError:
        """Return what is wrong with a move that there is not; the page may have offered it."""
        with self._intake.read() as view:
            seen = seen_versions(view, [tip], self._intake.clock.now())[tip.id]
        if seen != version:
            return Conflict("somebody changed this tip first")
        return NotValid("no such move")

    def _move(
        self,
        session: Session,
        opened: Opened,
        version: int,
        state: str,
        *,
        act: str,
        parts: tuple[NewPart, ...] = (),
    ) -> None:
        """Write one act: headline, state, state word for later, clock, push, audit row.

        Whoever acts has seen ``version``; what their page could not show them stays news.
        """
        tip, now = opened.tip, self._intake.clock.now()
        keys = self._disclosure.keys(session).key_ids
        headline = sealing.seal_headline(
            opened.content_key, tip.id, opened.headline.model_dump_json().encode()
        )
        if state != tip.state and state in TOLD:
            parts = (*parts, self._part(tip, "state", TOLD[state], self._told_at(tip, now)))
        holder = bytes.fromhex(session.officer.id)
        due_at = None if state == "closed" else to_minute(now) + _DECIDE_WITHIN[tip.priority]

        def work(tx: Tx) -> None:
            tx.tips.change(
                tip.id, tip.version, state=state, holder_id=holder, new_at=None,
                headline_sealed=headline, due_at=due_at,
            )  # fmt: skip
            # From here on nobody else can add anything before this is committed.
            _check_seen(tx, tip, version, now)
            if left := unseen(tx, tip, tx.parts.heads(tip.id), keys, now):
                tx.tips.mark_new(tip.id, left[0])
            for part in parts:
                tx.parts.add(part)
            if state == "closed":
                tx.pushes.drop_of_tip(tip.id)  # "the address dies at closing"
            elif parts:
                told_at = min(part.release_at for part in parts)
                tx.pushes.schedule(tip.id, told_at + timedelta(minutes=secrets.randbelow(60)))
            tx.audit.append(now, session.officer.id, act, tip.id.hex(), {"state": state})

        try:
            self._intake.write_now(work)
        except Stale:
            raise Conflict("somebody changed this tip first") from None

    def _told_at(self, tip: TipRow, now: datetime) -> datetime:
        """Return when the reporter sees a state word: late, and never before an earlier one."""
        with self._intake.read() as view:
            waiting = _ours(view, tip, [h for h in view.parts.heads(tip.id) if h.release_at > now])
        last = max((head.release_at for head in waiting), default=now)
        return max(now + state_delay(), last + timedelta(minutes=1))

    def _part(self, tip: TipRow, kind: PartKind, text: str, at: datetime) -> NewPart:
        """Seal one message to the reporter's code and to the tip's two recipients."""
        minute = to_minute(at)
        with self._intake.read() as view:
            place = len(view.parts.heads(tip.id))
        body = encode(Body(kind=kind, text=text, released_at=minute, place=place))
        reporter = PublicKey.from_bytes(tip.reply_key)
        recipients = (reporter, *self._key_list.current.recipients(tip.unit_id))
        part = sealing.seal_part(tip.id, body, recipients)
        return NewPart(part.id, tip.id, minute, part.body_sealed, part.wraps)


def _check_seen(tx: Tx, tip: TipRow, version: int, now: datetime) -> None:
    if seen_versions(tx, [tip], now)[tip.id] != version:
        raise Stale("the officer has seen another version")


def _ours(view: View, tip: TipRow, heads: list[PartHead]) -> list[PartHead]:
    """Return those parts that a unit wrote: they open by the reporter's code too."""
    wrapped = view.parts.wraps_for([head.id for head in heads], key_id_of(tip.reply_key))
    return [head for head in heads if head.id in wrapped]
