"""Files what was done: one unit of work with the recount of everything that it touches.

Nothing is ever overwritten without a row of what stood there, and the same message files nothing
twice. What is frozen stays frozen: a check-in for a closed period is kept and listed apart.
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NotRequired, TypedDict, Unpack, cast

from intake.check_in_line import refuses_names
from intake.errors import NeedsReason, NotAsked, NotFound, NotValid, Refused, TooLate
from intake.plans.periods import local_day
from intake.text import clean, is_empty
from intake.work.check_in_desk import Desk, Settled, known, recounted
from intake.work.check_in_rules import changeable, check_box, owner_of, with_changes
from intake.work.check_in_shapes import (
    Change,
    CheckInDraft,
    CheckInView,
    Effect,
    Filed,
    Filer,
    Foreseen,
    History,
    Photo,
    view_of,
)  # fmt: skip
from intake.work.check_in_warnings import warnings_of
from intake.work.obligations import key_of
from intake.work.work_audit import note
from storage.check_ins import CheckInRow
from storage.obligations import ObligationRow
from storage.owners import OwnerRow
from storage.unit_of_work import Tx

__all__ = ["Change", "CheckInDraft", "CheckInView", "CheckIns", "Effect", "Filed", "Filer",
           "Foreseen", "History", "Photo"]  # fmt: skip

FREE = timedelta(minutes=10)
"""How long after filing it may be changed or taken back without a word."""

_NAMES_PEOPLE = (
    "Xin không ghi tên người bị nghi hay danh sách người ở đây. Việc cần báo riêng:"
    " dùng trang tố giác ẩn danh."
)


class Came(TypedDict):
    """Whence and when something to file came; see `CheckIns.filing`."""

    source: str
    filed_at: datetime
    received_at: datetime
    asked: NotRequired[Collection[str] | None]


class CheckIns(Desk):
    """Files, amends and takes back check-ins; `Desk` holds lists and the ward's side."""

    refuses: Callable[[str], bool] = staticmethod(refuses_names)
    """Whether a text names people who must not stand in a check-in."""

    def file(self, draft: CheckInDraft, filer: Filer, **came: Unpack[Came]) -> Filed:
        """File one activity, for a caller that may wait; see `filing`."""
        return self.told(self._intake.write_now(self.filing(draft, filer, **came)))

    def filing(
        self, draft: CheckInDraft, filer: Filer, *, source: str, filed_at: datetime,
        received_at: datetime, asked: Collection[str] | None = None,
    ) -> Callable[[Tx], Settled]:  # fmt: skip
        """Return the unit of work that files one activity; `told` says what came of it.

        The same ``source`` twice files once and says ``again``.

        ``filed_at`` is the platform's message time and decides what is on time. ``asked`` are the
        warnings that the filer has seen; without it none is asked for.

        Raises:
            NotAsked: there is a warning that the filer has not seen.
            NotFound: no such area or organisation, or a picture that is not there.
            NotHeld: the leader does not look after it.
            FutureDay: the day has not come yet.
            NotValid: it names people, or a tip box without its two officers and slips.
            NotAllowed: a leader who opens a tip box.
            Conflict: the area or organisation does not exist on that day.
        """
        self._check(draft, filer)
        row_id, today = secrets.token_bytes(16), local_day(filed_at)

        def judged(tx: Tx) -> tuple[OwnerRow, list[ObligationRow], tuple[str, ...]]:
            owner = owner_of(tx, draft, filer, today, today)
            touched = tx.obligations.touched(owner.id, draft.counts_as, draft.done_on, lock=True)
            flags = warnings_of(tx, draft, owner, today, touched)
            if asked is not None and not set(flags) <= set(asked):
                raise NotAsked("Có điều cần hỏi lại trước khi ghi: xem lại thẻ.")
            return owner, touched, flags

        def work(tx: Tx) -> Settled:
            try:
                owner, touched, flags = judged(tx)
            except Refused:  # of what has come before nothing is refused or asked any more
                if before := known(tx, source):
                    return before
                raise
            row = CheckInRow(
                id=row_id, owner_id=owner.id, commune_id=owner.commune_id, kind=draft.kind,
                counts_as=",".join(draft.counts_as), done_on=draft.done_on,
                details=draft.details(), state="filed", flags=",".join(flags), filed_at=filed_at,
                received_at=received_at, filed_by=str(filer), by_phone=filer.by_phone,
                after_close=any(each.state == "closed" for each in touched), source=source,
            )  # fmt: skip
            if not tx.check_ins.add(row):  # the same message, filed before
                shown = view_of(row, owner.name, len(draft.photo_ids))
                return known(tx, source) or Settled(row, shown, (), again=True)
            photos = _hold(tx, row_id, draft.photo_ids)
            _note(tx, filer, "file", row, received_at)
            return recounted(tx, row, view_of(row, owner.name, photos), touched)

        return work

    def foresee(self, draft: CheckInDraft, day: date) -> Foreseen:
        """Return what filing this draft on that day would do, for the card before ✅.

        What should be asked before is in `intake.work.check_in_warnings`.
        """
        with self._intake.read() as view:
            touched = view.obligations.touched(draft.owner_id, draft.counts_as, draft.done_on)
            owner = view.owners.get(draft.owner_id)
            warnings = warnings_of(view, draft, owner, day, touched)
        after = ((row, row.done + (row.state == "open")) for row in touched)
        return Foreseen(self._effects(after), warnings)

    def check(self, draft: CheckInDraft, filer: Filer, day: date) -> None:
        """Refuse what filing this draft on that day would refuse; nothing is stored.

        Raises:
            NotFound, NotHeld, FutureDay, NotValid, NotAllowed, Conflict: as for filing.
        """
        self._check(draft, filer)
        with self._intake.read() as view:
            owner_of(view, draft, filer, day, day)

    # --- changing ---------------------------------------------------------------------------------

    def add_to(
        self, check_in_id: str, filer: Filer, at: datetime, *, photo_ids: Sequence[str] = (),
        note: str = "", also_counts_as: Sequence[str] = (),
    ) -> Filed:  # fmt: skip
        """Add pictures, words or a second kind to a check-in ("bổ sung vào buổi đã có").

        Raises:
            NotFound: no such check-in, or a picture that is not there.
            NotHeld: the leader does not look after it.
            NotValid: the note names people, or is too long with what stands there.
            Conflict: it was taken back.
        """
        self._check_words(note)

        def change(draft: CheckInDraft) -> CheckInDraft:
            words = "\n".join(part for part in (draft.note, clean(note)) if part)
            also = dict.fromkeys((*draft.also_counts_as, *also_counts_as))
            also.pop(draft.kind, None)
            return with_changes(draft, {"note": words, "also_counts_as": tuple(also)})

        return self._change(check_in_id, filer, at, "bổ sung", change, photo_ids=photo_ids)

    def amend(
        self, check_in_id: str, changes: Mapping[str, Any], reason: str, filer: Filer, at: datetime
    ) -> Filed:
        """Change fields of the draft; freely for 10 minutes after filing, then with a reason.

        The filing time stays. What was sent back counts again, what was approved waits for the
        ward again. Where a period is closed, its figures stay and the check-in is listed apart.

        Raises:
            NeedsReason: later than 10 minutes, and no reason.
            NotValid, FutureDay, NotFound, NotHeld, Conflict: as for filing.
        """
        texts = (changes.get(name) or "" for name in ("place", "form", "note"))
        topics = changes.get("topics") or ()
        if not isinstance(topics, list | tuple):
            raise NotValid("Chủ đề không hợp lệ: ghi thành danh sách.")
        self._check_words(*map(str, texts), *map(str, cast("Iterable[object]", topics)))
        return self._change(
            check_in_id, filer, at, clean(reason)[:200], lambda draft: with_changes(draft, changes)
        )

    def undo(self, check_in_id: str, filer: Filer, at: datetime) -> Filed:
        """Take a check-in back within 10 minutes of filing.

        Raises:
            TooLate: the 10 minutes are over: `withdraw` takes it back with a reason.
            NotFound, NotHeld, Conflict: as for amending.
        """
        return self._void(check_in_id, filer, at, "hoàn tác", free=True)

    def withdraw(self, check_in_id: str, reason: str, filer: Filer, at: datetime) -> Filed:
        """Take a check-in back at any time, with a reason.

        Raises:
            NeedsReason: no reason.
            NotFound, NotHeld, Conflict: as for amending.
        """
        said = clean(reason)[:200]
        if is_empty(said):
            raise NeedsReason("Rút lại sau 10 phút phải ghi lý do.")
        return self._void(check_in_id, filer, at, said, free=False)

    def _void(
        self, check_in_id: str, filer: Filer, at: datetime, reason: str, *, free: bool
    ) -> Filed:
        def work(tx: Tx) -> Settled:
            row = changeable(tx, check_in_id, filer, at)
            if free and at - row.filed_at > FREE:
                raise TooLate("Đã quá 10 phút: dùng sửa hoặc rút lại, kèm lý do.")
            _note(tx, filer, "withdraw", row, at)
            return self._replace(tx, row, row._replace(state="voided"), at, (str(filer), reason))

        return self.told(self._intake.write_now(work))

    def _change(
        self, check_in_id: str, filer: Filer, at: datetime, reason: str,
        change: Callable[[CheckInDraft], CheckInDraft], *, photo_ids: Sequence[str] = (),
    ) -> Filed:  # fmt: skip
        def work(tx: Tx) -> Settled:
            row = changeable(tx, check_in_id, filer, at)
            if is_empty(reason) and at - row.filed_at > FREE:
                raise NeedsReason("Sửa sau 10 phút phải ghi lý do.")
            draft = change(CheckInDraft.of(row))
            check_box(draft, filer)
            owner = owner_of(tx, draft, filer, local_day(at), local_day(row.filed_at))
            touched = tx.obligations.touched(owner.id, draft.counts_as, draft.done_on, lock=True)
            flags = warnings_of(tx, draft, owner, local_day(at), touched, but=row.id)
            new = row._replace(
                owner_id=owner.id, commune_id=owner.commune_id, kind=draft.kind,
                counts_as=",".join(draft.counts_as), done_on=draft.done_on,
                details=draft.details(), state="filed", flags=",".join(flags), question="",
            )  # fmt: skip
            _hold(tx, row.id, photo_ids)
            _note(tx, filer, "amend", row, at)
            return self._replace(tx, row, new, at, (str(filer), reason))

        return self.told(self._intake.write_now(work))

    # --- rules ------------------------------------------------------------------------------------

    def _check(self, draft: CheckInDraft, filer: Filer) -> None:
        self._check_words(draft.place, draft.form, draft.note, *draft.topics)
        check_box(draft, filer)

    def _check_words(self, *texts: str) -> None:
        if any(self.refuses(text) for text in texts if text):
            raise NotValid(_NAMES_PEOPLE)


def _note(tx: Tx, filer: Filer, act: str, row: CheckInRow, at: datetime) -> None:
    """Put an officer's act into the audit chain; a leader's own stands in the history alone."""
    note(tx, at, None if filer.is_leader else filer.id, act, row.id.hex())


def _hold(tx: Tx, check_in_id: bytes, photo_ids: Sequence[str]) -> int:
    """Put kept pictures under a check-in; return how many."""
    ids = list(dict.fromkeys(key_of(photo_id) for photo_id in photo_ids))
    if tx.check_ins.hold_photos(check_in_id, ids) != len(ids):
        raise NotFound("Ảnh không còn: gửi lại ảnh.")
    return len(ids)
