"""The ward's word on what was filed: accept, ask back, let off, file for a leader by phone.

Every call asks the scope first, and again inside: what lies outside the officer's area answers like
what does not exist.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from intake.errors import NeedsReason, NotFound, NotValid
from intake.officers import Session
from intake.policy import Right
from intake.service import Intake
from intake.text import clean, is_empty
from intake.ward.shapes import Place, Sheet, Waiting
from intake.work.check_in_shapes import CheckInDraft, CheckInView, Filed, Filer, Foreseen, Photo
from intake.work.check_ins import CheckIns
from intake.work.hindrances import Hindrances, InTheWay
from intake.work.obligations import Obligations, Owed, key_of
from intake.work.work_scope import Reach, WorkScope, owner_within, say, telling
from storage.unit_of_work import View
from storage.wards import InsideRow

_ONCE = re.compile(r"[0-9a-f]{16,32}")
_NOT_THERE = "Không có buổi này trong địa bàn của đồng chí: tải lại danh sách."


class WardReview:
    """Lists what waits, and carries out what the ward decides."""

    def __init__(
        self, intake: Intake, scope: WorkScope, check_ins: CheckIns, obligations: Obligations
    ) -> None:
        self._intake = intake
        self._scope = scope
        self._check_ins = check_ins
        self._obligations = obligations

    # --- reading ----------------------------------------------------------------------------------

    def waiting(self, session: Session, area_id: str | None = None) -> Waiting:
        """Return what waits for a word, flagged ones first.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        found = self._check_ins.review_list(reach.communes)
        return Waiting(
            check_ins=found, unflagged=tuple(each.id for each in found if not each.flags)
        )

    def find(self, session: Session, check_in_id: str) -> Sheet:
        """Return one check-in with its history and its pictures.

        Raises:
            NotFound: it lies outside, or there is none.
        """
        found = self._within(session, Right.READ_WORK, check_in_id)
        changes = self._check_ins.changes(check_in_id)
        with self._intake.read() as view:
            names = _people(view, (found.filed_by, *(each.by for each in changes)))
        photos = ((each.id, each.media) for each in self._check_ins.photos(check_in_id))
        return Sheet(
            check_in=found,
            filer=names[found.filed_by],
            changes=changes,
            changers=tuple(names[each.by] for each in changes),
            photos=tuple(photos),
        )

    def photo(self, session: Session, check_in_id: str, photo_id: str) -> Photo:
        """Return one picture or voice note of a check-in.

        Raises:
            NotFound: it lies outside, or there is none.
        """
        self._within(session, Right.READ_WORK, check_in_id)
        for each in self._check_ins.photos(check_in_id):
            if each.id == photo_id:
                return each
        raise say(NotFound(_NOT_THERE))

    def late(
        self, session: Session, first: date, last: date, area_id: str | None = None
    ) -> tuple[CheckInView, ...]:
        """Return what was filed or changed after its period was closed: listed apart.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        return self._check_ins.after_close(reach.communes, first, last)

    # --- deciding ---------------------------------------------------------------------------------

    def approve(self, session: Session, ids: Sequence[str]) -> int:
        """Accept check-ins; several at once only when none of them is flagged.

        Raises:
            NotFound: one of them lies outside, or is not there.
            Flagged: several, and one of them is flagged.
            Conflict: one of them was taken back or sent back.
        """
        for each in ids:
            self._within(session, Right.REVIEW_WORK, each)
        with telling():
            return self._check_ins.approve(ids, session.officer.id)

    def send_back(self, session: Session, check_in_id: str, question: str) -> None:
        """Ask the leader something; it does not count until it is amended.

        Raises:
            NotFound: it lies outside, or is not there.
            NeedsReason: no question.
            Conflict: it was taken back.
        """
        self._within(session, Right.REVIEW_WORK, check_in_id)
        with telling():
            self._check_ins.send_back(check_in_id, question, session.officer.id)

    def amend(
        self, session: Session, check_in_id: str, changes: Mapping[str, Any], reason: str
    ) -> Filed:
        """Change fields of a check-in, with a reason; what stood there is kept.

        What was sent back counts again, what was accepted waits for a word again.

        Raises:
            NotFound: it lies outside, or is not there.
            NeedsReason: no reason.
            NotValid, FutureDay, Conflict: as for filing.
        """
        self._within(session, Right.REVIEW_WORK, check_in_id)
        said = _reason(reason)
        if "owner_id" in changes:
            self._owner(session, str(changes["owner_id"]))
        filer = Filer.officer(session.officer.id, by_phone=False)
        with telling():
            return self._check_ins.amend(
                check_in_id, changes, said, filer, self._intake.clock.now()
            )

    def withdraw(self, session: Session, check_in_id: str, reason: str) -> Filed:
        """Take a check-in back, with a reason; it counts no more and stays in the history.

        Raises:
            NotFound: it lies outside, or is not there.
            NeedsReason: no reason.
            Conflict: it was taken back before.
        """
        self._within(session, Right.REVIEW_WORK, check_in_id)
        said = _reason(reason)
        filer = Filer.officer(session.officer.id, by_phone=False)
        with telling():
            return self._check_ins.withdraw(check_in_id, said, filer, self._intake.clock.now())

    def exemptions(self, session: Session, area_id: str | None = None) -> tuple[Owed, ...]:
        """Return the exemptions that wait for a word.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        return self._obligations.asked(reach.communes)

    def hindrances(self, session: Session, area_id: str | None = None) -> tuple[InTheWay, ...]:
        """Return what leaders say stands in the way, until it is settled or done.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        return Hindrances(self._intake).waiting(reach.communes)

    def settle(self, session: Session, obligation_id: str) -> None:
        """Take what stood in the way off the list; what is owed stays owed.

        Raises:
            NotFound: it lies outside, or there is none.
        """
        reach = self._scope.reach(session, Right.REVIEW_WORK)
        Hindrances(self._intake).settle(obligation_id, reach.communes)

    def decide(self, session: Session, obligation_id: str, *, granted: bool) -> None:
        """Grant or refuse an exemption.

        Raises:
            NotFound: it lies outside, or there is none.
            PeriodClosed: the period is closed.
        """
        reach = self._scope.reach(session, Right.REVIEW_WORK)
        with telling():
            owed = self._obligations.get(obligation_id)
            with self._intake.read() as view:
                owner_within(view, reach, owed.owner_id)
            self._obligations.decide_exemption(
                obligation_id, granted=granted, by=session.officer.id
            )

    # --- by phone ---------------------------------------------------------------------------------

    def owners(self, session: Session, area_id: str | None = None) -> tuple[Place, ...]:
        """Return the areas and organisations for which an officer may file, in their order.

        Raises:
            NotFound: the area lies outside.
        """
        reach = self._scope.reach(session, Right.READ_WORK, area_id)
        with self._intake.read() as view:
            return places_inside(view, reach, self._intake.clock.today())

    def foresee(self, session: Session, draft: CheckInDraft) -> Foreseen:
        """Return what filing a draft would do, and what should be asked before.

        Raises:
            NotFound: its owner lies outside.
            FutureDay, NotValid, Conflict: filing would be refused.
        """
        self._owner(session, draft.owner_id)
        filer, today = Filer.officer(session.officer.id, by_phone=True), self._intake.clock.today()
        with telling():
            self._check_ins.check(draft, filer, today)
            return self._check_ins.foresee(draft, today)

    def file(self, session: Session, draft: CheckInDraft, once: str) -> Filed:
        """File what a leader told by phone; marked so. The same ``once`` files once.

        Raises:
            NotFound: its owner lies outside.
            FutureDay, NotValid, Conflict: as for filing.
        """
        if not _ONCE.fullmatch(once):
            raise say(NotValid("Trang đã cũ: mở lại trang ghi hộ."))
        self._owner(session, draft.owner_id)
        filer, now = Filer.officer(session.officer.id, by_phone=True), self._intake.clock.now()
        source = f"console:{session.officer.id}:{once}"
        with telling():
            return self._check_ins.file(
                draft, filer, source=source, filed_at=now, received_at=now
            )  # fmt: skip

    # --- the wall ---------------------------------------------------------------------------------

    def _owner(self, session: Session, owner_id: str) -> None:
        reach = self._scope.reach(session, Right.REVIEW_WORK)
        with self._intake.read() as view:
            owner_within(view, reach, owner_id)

    def _within(self, session: Session, right: Right, check_in_id: str) -> CheckInView:
        reach = self._scope.reach(session, right)
        with self._intake.read() as view:
            row = view.check_ins.get(key_of(check_in_id))
            owner = view.owners.get(row.owner_id) if row else None
            if owner is None or not reach.holds(owner):
                raise say(NotFound(_NOT_THERE))
        return self._check_ins.find(check_in_id)


def _reason(text: str) -> str:
    said = clean(text)
    if is_empty(said):
        raise say(NeedsReason("Sửa hoặc rút buổi đã ghi phải ghi lý do."))
    return said


def places_inside(view: View, reach: Reach, day: date) -> tuple[Place, ...]:
    """Return the areas and organisations inside, in the order of their names."""
    rows = view.wards.standing(reach.area_id, day)
    names = view.owners.names([row.id for row in rows])
    order = {owner_id: at for at, owner_id in enumerate(names)}
    rows.sort(key=lambda row: (_RANK.get(row.level, len(_RANK)), order.get(row.id, 0)))
    return tuple(_place(row) for row in rows)


_RANK = {"neighbourhood": 0, "commune": 1, "province": 2}


def _place(row: InsideRow) -> Place:
    return Place(id=row.id, name=row.name, level=row.level, parent_id=row.parent_id)


def _people(view: View, told: Iterable[str]) -> dict[str, str]:
    """Return names for "leader:<hex>" and "officer:<hex>"."""
    names: dict[str, str] = {}
    for each in told:
        part, _, hexed = each.partition(":")
        row = view.leaders.get(key_of(hexed)) if part == "leader" else None
        officer = view.officers.get(key_of(hexed)) if part == "officer" else None
        found = row or officer
        names[each] = found.name if found else "người đã thôi"
    return names
