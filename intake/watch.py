"""Watches the queue for an open page: which tips changed, by their clear columns alone.

Watching opens nothing, so it writes no audit row; it is not use, so it never keeps a session alive.
"""

from collections.abc import Mapping

from intake.errors import KeyListRejected, NotFound
from intake.keylist import KeyList
from intake.officers import OfficerView
from intake.people import People
from intake.policy import Right, units_for
from intake.service import Intake
from intake.sign_ins import SignIns
from intake.tip_states import OPEN_STATES
from intake.vault import officer_keys

_HEAD = 100  # tips: what the first pages of a queue can show


class Watch:
    """Tells a page when its list is worth loading again."""

    def __init__(
        self, intake: Intake, people: People, sign_ins: SignIns, key_list: KeyList
    ) -> None:
        self._intake = intake
        self._people = people
        self._sign_ins = sign_ins
        self._key_list = key_list

    def marks(self, cookie: str) -> Mapping[str, str] | None:
        """Return tip id → a mark that changes with the tip; None when the session has ended.

        Raises:
            DatabaseBusy: the database cannot be read now.
        """
        officer = self._behind(cookie)
        if officer is None or not officer.active:
            return None
        units = self._units(officer)
        if not units:
            return {}
        now = self._intake.clock.now()
        with self._intake.read() as view:
            tips = view.tips.queue(units, OPEN_STATES, now, None, _HEAD, closed_with_news=True)
        return {
            tip.id.hex(): f"{tip.version}.{tip.priority}.{int(tip.has_news(now))}" for tip in tips
        }

    def _behind(self, cookie: str) -> OfficerView | None:
        try:
            session_id = officer_keys.session_id(bytes.fromhex(cookie))
            with self._intake.read() as view:
                session = view.officers.session(session_id)
            idle, whole = self._sign_ins.session_limits()
            now = self._intake.clock.now()
            if session is None or now - session.seen_at > idle or now - session.opened_at > whole:
                return None
            return self._people.officer(session.officer_id)
        except (ValueError, NotFound):
            return None

    def _units(self, officer: OfficerView) -> frozenset[str]:
        try:
            return units_for(officer, Right.READ_QUEUE, self._key_list.current.parents)
        except KeyListRejected:
            return frozenset()
