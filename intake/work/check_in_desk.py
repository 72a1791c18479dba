"""Lists of check-ins, their pictures, and the ward's side: accept, or send back with a question."""

import json
import secrets
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from intake.errors import Conflict, Flagged, NeedsReason, NotFound, NotValid
from intake.plans.periods import period_label
from intake.service import Intake
from intake.text import clean, is_empty
from intake.work.check_in_shapes import (
    Change,
    CheckInDraft,
    CheckInView,
    Effect,
    Filed,
    History,
    Photo,
    before,
    signed,
    view_of,
)  # fmt: skip
from intake.work.obligations import Obligations, key_of
from intake.work.recounting import recount
from intake.work.work_audit import note
from storage.ask_backs import AskBackRow
from storage.check_ins import CheckInRow, PhotoRow
from storage.obligations import ObligationRow
from storage.unit_of_work import Tx, View

MOST_LISTED = 500
MEDIA = frozenset({"image/jpeg", "audio/ogg"})
_REMEMBERED = 60  # activities that are looked at for buttons
_BUTTONS = 5


class Settled(NamedTuple):
    """A check-in after a unit of work, and what it counts for with the number done there."""

    row: CheckInRow
    view: CheckInView
    touched: tuple[tuple[ObligationRow, int], ...]
    again: bool = False


class Desk:
    """Lists, shows and reviews check-ins."""

    def __init__(self, intake: Intake, obligations: Obligations) -> None:
        self._intake = intake
        self._obligations = obligations

    # --- lists ------------------------------------------------------------------------------------

    def find(self, check_in_id: str) -> CheckInView:
        """Return one check-in.

        Raises:
            NotFound: no such check-in.
        """
        with self._intake.read() as view:
            row = view.check_ins.get(key_of(check_in_id))
            if row is None:
                raise NotFound("Không có buổi này.")
            return views(view, [row])[0]

    def same_day(self, owner_id: str, kind: str, day: date) -> tuple[CheckInView, ...]:
        """Return what is filed already for this owner, kind and day."""
        with self._intake.read() as view:
            rows = view.check_ins.of_owner(owner_id, day, day)
            return views(view, (row for row in rows if kind in row.counts_as.split(",")))

    def mine(self, leader_id: str, n: int = 10) -> tuple[CheckInView, ...]:
        """Return the newest check-ins of what a leader looks after today, whoever filed them."""
        today = self._intake.clock.today()
        with self._intake.read() as view:
            rows = [
                row
                for owner in view.owners.held_by(key_of(leader_id), today)
                for row in view.check_ins.of_owner(owner, most=n)
            ]
            rows.sort(key=lambda row: (row.done_on, row.filed_at, row.id), reverse=True)
            return views(view, rows[:n])

    def history(self, owner_id: str, kind: str) -> History:
        """Return recent numbers, places and chairs of an owner and kind, newest first."""
        with self._intake.read() as view:
            rows = view.check_ins.of_owner(owner_id, most=_REMEMBERED)
        drafts = [CheckInDraft.of(row) for row in rows if row.kind == kind]
        return History(
            people=tuple(dict.fromkeys(d.people for d in drafts if d.people is not None))[
                :_BUTTONS
            ],
            households=tuple(
                dict.fromkeys(d.households for d in drafts if d.households is not None)
            )[:_BUTTONS],
            places=tuple(dict.fromkeys(d.place for d in drafts if d.place))[:_BUTTONS],
            chairs=tuple(dict.fromkeys(d.chair for d in drafts if d.chair))[:_BUTTONS],
        )

    def changes(self, check_in_id: str) -> tuple[Change, ...]:
        """Return what stood in a check-in before, oldest first."""
        with self._intake.read() as view:
            rows = view.check_ins.changes(key_of(check_in_id))
        return tuple(
            Change(
                version=r.version, at=r.at, by=r.by, reason=r.reason, before=json.loads(r.before)
            )
            for r in rows
        )

    # --- pictures ---------------------------------------------------------------------------------

    def keep_photo(self, media: str, body: bytes, at: datetime) -> str:
        """Keep a cleaned picture or a voice note that no check-in holds yet; return its id.

        Raises:
            NotValid: neither a JPEG that we have drawn anew nor a voice note.
        """
        if media not in MEDIA:
            raise NotValid("Chỉ nhận ảnh và ghi âm.")
        row = PhotoRow(secrets.token_bytes(16), None, media, body, at)
        self._intake.write_now(lambda tx: tx.check_ins.add_photo(row))
        return row.id.hex()

    def photos(self, check_in_id: str) -> tuple[Photo, ...]:
        """Return the pictures of a check-in, oldest first."""
        with self._intake.read() as view:
            rows = view.check_ins.photos(key_of(check_in_id))
        return tuple(Photo(id=row.id.hex(), media=row.media, body=row.body) for row in rows)

    def forget_loose_photos(self, before: datetime) -> int:
        """Delete pictures that were kept before that moment and filed with nothing."""
        return self._intake.write_now(lambda tx: tx.check_ins.forget_loose_photos(before))

    # --- the ward ---------------------------------------------------------------------------------

    def review_list(self, commune_ids: Sequence[str]) -> tuple[CheckInView, ...]:
        """Return what waits for the ward, flagged ones first, then by filing time."""
        with self._intake.read() as view:
            return views(view, view.check_ins.waiting(commune_ids, MOST_LISTED))

    def after_close(
        self, commune_ids: Sequence[str], first: date, last: date
    ) -> tuple[CheckInView, ...]:
        """Return what was filed or changed after the close, for activities between two days."""
        with self._intake.read() as view:
            return views(view, view.check_ins.after_close(commune_ids, first, last))

    def approve(self, ids: Sequence[str], by: str) -> int:
        """Accept check-ins; several at once only when none of them is flagged.

        ``by`` is the officer's id (hex), or "leader:<hex>" from the ward's own chat. What is
        accepted already is passed over.

        Raises:
            NotFound: one of them is not there.
            Flagged: several, and one of them is flagged.
            Conflict: one of them was taken back or sent back.
        """
        now, wanted = self._intake.clock.now(), sorted({key_of(each) for each in ids})

        def work(tx: Tx) -> int:
            rows = tx.check_ins.lock(wanted)
            if len(rows) != len(wanted):
                raise NotFound("Có buổi không còn trong danh sách: tải lại.")
            if len(rows) > 1 and any(row.flags for row in rows):
                raise Flagged("Có buổi mang cờ: xem và duyệt riêng từng buổi đó.")
            if any(row.state not in {"filed", "approved"} for row in rows):
                raise Conflict("Có buổi đã rút lại hoặc đang hỏi lại: tải lại danh sách.")
            waiting = [row for row in rows if row.state == "filed"]
            for row in waiting:
                new = row._replace(state="approved")
                self._replace(tx, row, new, now, (signed(by), "duyệt"))
            for commune in sorted({row.commune_id for row in waiting}):
                ids = [row.id.hex() for row in waiting if row.commune_id == commune]
                note(tx, now, by, "approve", commune, {"check_ins": ids}, ward=commune)
            return len(waiting)

        return self._intake.write_now(work)

    def send_back(self, check_in_id: str, question: str, by: str) -> Filed:
        """Ask the leader something; it does not count until it is amended.

        ``by`` is the officer's id (hex).

        Raises:
            NeedsReason: no question.
            NotFound: no such check-in.
            Conflict: it was taken back.
        """
        said = clean(question)[:500]
        if is_empty(said):
            raise NeedsReason("Hỏi lại phải ghi câu hỏi.")
        now = self._intake.clock.now()

        def work(tx: Tx) -> Settled:
            rows = tx.check_ins.lock([key_of(check_in_id)])
            if not rows:
                raise NotFound("Không có buổi này.")
            if rows[0].state == "voided":
                raise Conflict("Buổi này đã rút lại.")
            new, commune = rows[0]._replace(state="returned", question=said), rows[0].commune_id
            note(tx, now, by, "send_back", rows[0].id.hex(), ward=commune)
            tx.ask_backs.put(AskBackRow(new.id, now, now))
            return self._replace(tx, rows[0], new, now, (signed(by), "hỏi lại"))

        return self.told(self._intake.write_now(work))

    # --- what every change ends with --------------------------------------------------------------

    def _replace(
        self, tx: Tx, old: CheckInRow, new: CheckInRow, at: datetime, why: tuple[str, str]
    ) -> Settled:
        """Write a new version, by whom and why, and recount what the old and the new one touch."""
        touched = {
            row.id: row
            for each in (old, new)
            for row in tx.obligations.touched(
                each.owner_id, each.counts_as.split(","), each.done_on, lock=True
            )
        }
        told = old._replace(state="", flags="", question="", after_close=False)
        says_else = told != new._replace(state="", flags="", question="", after_close=False)
        closed = any(row.state == "closed" for row in touched.values())
        moves = says_else or new.state in {"voided", "filed"}
        new = new._replace(after_close=old.after_close or (closed and moves))
        tx.check_ins.change(new, at, *why, before(old))
        new = new._replace(version=old.version + 1)
        return recounted(tx, new, views(tx, [new])[0], list(touched.values()))

    def told(self, settled: Settled) -> Filed:
        """Return what came of a unit of work, as others may see it."""
        row = settled.row
        return Filed(
            check_in_id=row.id.hex(), check_in=settled.view, version=row.version,
            after_close=row.after_close,
            effects=self._effects(settled.touched), again=settled.again,
            flags=tuple(flag for flag in row.flags.split(",") if flag),
        )  # fmt: skip

    def _effects(self, touched: Iterable[tuple[ObligationRow, int]]) -> tuple[Effect, ...]:
        return tuple(
            Effect(
                obligation_id=row.id.hex(), duty=row.duty, title=self._obligations.title(row),
                period=row.period, period_label=period_label(row.period), done=done, need=row.need,
                met=done >= row.need, closed=row.state == "closed",
            )
            for row, done in touched
        )  # fmt: skip


def recounted(
    tx: Tx, row: CheckInRow, view: CheckInView, touched: Sequence[ObligationRow]
) -> Settled:
    """Count what was touched, and return how what this check-in counts for stands."""
    counted = recount(tx, touched)
    mine = (
        one for one in touched
        if one.owner_id == row.owner_id and one.kind in row.counts_as.split(",")
        and one.first <= row.done_on <= one.last
    )  # fmt: skip
    done = ((one, counted[one.id].done if one.id in counted else one.done) for one in mine)
    return Settled(row, view, tuple(done))


def known(view: View, source: str) -> Settled | None:
    """Return how a message stands that was filed before; None: it was not."""
    row = view.check_ins.by_source(source)
    if row is None:
        return None
    touched = view.obligations.touched(row.owner_id, row.counts_as.split(","), row.done_on)
    shown = views(view, [row])[0]
    return Settled(row, shown, tuple((one, one.done) for one in touched), again=True)


def views(view: View, rows: Iterable[CheckInRow]) -> tuple[CheckInView, ...]:
    """Return rows as others may see them, in their order."""
    found = list(rows)
    names = view.owners.names({row.owner_id for row in found})
    photos = view.check_ins.photo_counts([row.id for row in found])
    return tuple(
        view_of(row, names.get(row.owner_id, row.owner_id), photos.get(row.id, 0)) for row in found
    )
