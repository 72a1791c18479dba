"""What a leader tells a ward officer by phone: filed for them, and marked so.

The officer chooses for whom; the leader must look after the area on that day. It counts from when
the leader rang, which lies in the past and not further back than two days.
"""

from datetime import datetime, timedelta

from intake.errors import NotHeld, NotValid
from intake.ports import VIETNAM
from intake.service import Intake
from intake.work.check_in_shapes import CheckInDraft, Filed, Filer
from intake.work.check_ins import CheckIns
from intake.work.leaders import Leaders

_LATEST = timedelta(days=2)


class PhoneDesk:
    """Files for leaders who rang."""

    def __init__(self, intake: Intake, leaders: Leaders, check_ins: CheckIns) -> None:
        self._intake = intake
        self._leaders = leaders
        self._check_ins = check_ins

    def file(
        self,
        draft: CheckInDraft,
        leader_id: bytes,
        officer_id: str,
        *,
        ticket: str,
        told_at: datetime | None = None,
    ) -> Filed:
        """File what a leader told; the same ``ticket`` (of one form) twice files once.

        Raises:
            NotHeld: the leader does not look after that area or organisation.
            NotValid: a time in the future, or more than two days ago.
            NotFound, FutureDay, Conflict: as `CheckIns.file`.
        """
        now = self._intake.clock.now()
        moment = told_at or now
        if not now - _LATEST <= moment <= now:
            raise NotValid("Giờ gọi phải trong hai ngày vừa qua.")
        day = moment.astimezone(VIETNAM).date()
        if draft.owner_id not in self._leaders.owners_of(leader_id, day):
            raise NotHeld("Người gọi không phụ trách đơn vị này.")
        source = f"phone:{officer_id}:{leader_id.hex()}:{ticket}"
        filer = Filer.officer(officer_id, by_phone=True)
        return self._check_ins.file(draft, filer, source=source, filed_at=moment, received_at=now)
