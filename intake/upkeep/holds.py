"""Keeps a closed tip from being erased while a case needs it: "giữ lại theo vụ việc".

A hold is an act in the audit chain and stands nowhere else. It moves the tip to its next version,
so that an erasure that has looked already does not take it.
"""

from intake.disclosure import Disclosure
from intake.errors import Conflict, NotValid
from intake.officers import Session
from intake.policy import Right
from intake.service import Intake
from storage.errors import Stale
from storage.retention import HOLD, RELEASE
from storage.tips import TipRow
from storage.unit_of_work import Tx

GROUNDS = {
    "vu-an": "vụ án, vụ việc đang giải quyết",
    "khieu-nai": "khiếu nại, tố cáo đang giải quyết",
    "thanh-tra": "thanh tra, kiểm tra yêu cầu giữ",
}


class Holds:
    """Holds tips and lets them go."""

    def __init__(self, intake: Intake, disclosure: Disclosure) -> None:
        self._intake = intake
        self._disclosure = disclosure

    def is_held(self, session: Session, tip_id: str) -> bool:
        """Return whether a tip is held.

        Raises:
            NotFound: none that this officer may see.
        """
        tip = self._disclosure.find(session, tip_id, Right.OPEN_TIP)
        with self._intake.read() as view:
            return view.retention.told([tip.id])[tip.id].held

    def hold(self, session: Session, tip_id: str, ground: str) -> None:
        """Keep a tip until it is let go.

        Raises:
            NotValid: not one of ``GROUNDS``.
            NotFound: none that this officer may see.
            Conflict: somebody changed it first.
        """
        if ground not in GROUNDS:
            raise NotValid("unknown ground")
        self._act(session, tip_id, HOLD, {"ground": ground})

    def release(self, session: Session, tip_id: str) -> None:
        """Let a tip go: it is erased when its time has come.

        Raises:
            NotFound: none that this officer may see.
            Conflict: somebody changed it first.
        """
        self._act(session, tip_id, RELEASE, {})

    def _act(self, session: Session, tip_id: str, act: str, detail: dict[str, str]) -> None:
        tip: TipRow = self._disclosure.find(session, tip_id, Right.CLOSE)
        now = self._intake.clock.now()

        def work(tx: Tx) -> None:
            tx.tips.change(tip.id, tip.version)
            tx.audit.append(now, session.officer.id, act, tip.id.hex(), detail)

        try:
            self._intake.write_now(work)
        except Stale:
            raise Conflict("somebody changed this tip first") from None
