"""A sample province with one ward for the demo: invented names, working keys, printed sign-ins.

Only ``homthu demo`` imports this. The key list that it makes is marked as a demo's, and a server
that is not a demo refuses such a list. Everything goes through the same acts that a real
installation uses.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from typing import NamedTuple, Protocol

from pyotp.totp import TOTP

from api.services import Services
from intake.keylist import KeyList
from intake.officers import Session
from intake.ports import SystemClock
from intake.vault.custody import Custody, certify
from intake.vault.segments import RootBody

PROVINCE, WARD, COMMUNE = "tinh", "phuong", "xa"
POSTER = "to-3-hoa-mau"
_AREAS = (
    ("D1", "province", None, "tỉnh", "tỉnh Sông Mẫu"),
    ("D1-01", "commune", "D1", "phường", "phường Hoa Mẫu"),
    ("D1-02", "commune", "D1", "xã", "xã Đồng Mẫu"),
    ("D1-03", "commune", "D1", "xã", "xã Đông Mẫu"),
    ("D1-01-03", "neighbourhood", "D1-01", "tổ dân phố", "tổ dân phố số 3"),
    ("D1-01-04", "neighbourhood", "D1-01", "tổ dân phố", "tổ dân phố số 4"),
)
_UNITS = (
    (PROVINCE, "Công an tỉnh Sông Mẫu", None, "D1"),
    (WARD, "Công an phường Hoa Mẫu", PROVINCE, "D1-01"),
    (COMMUNE, "Công an xã Đồng Mẫu", PROVINCE, "D1-02"),
)
_PEOPLE = (
    ("tinh.an", "An (tỉnh)", PROVINCE, "officer"),
    ("phuong.binh", "Bình (phường)", WARD, "officer"),
    ("phuong.chi", "Chi (phường)", WARD, "officer"),
    ("xa.dung", "Dung (xã)", COMMUNE, "officer"),
    ("phuong.em", "Em (việc tháng)", WARD, "clerk"),
    ("quantri", "Quản trị", PROVINCE, "admin"),
)


class SignIn(NamedTuple):
    """What a demo officer types: kept beside the demo's keys and printed at each start."""

    login: str
    name: str
    passphrase: str
    totp_secret: str


class EarlierClock(SystemClock):
    """Some minutes behind and moved by hand: furnishing spends no second-factor step of today."""

    def __init__(self) -> None:
        self._behind = timedelta(minutes=10)

    def now(self) -> datetime:
        """Return the moment, some minutes ago."""
        return super().now() - self._behind

    def step(self) -> None:
        """Move on by one minute, at most until now."""
        self._behind = max(timedelta(minutes=2), self._behind - timedelta(minutes=1))


class MovedClock(Protocol):
    """A clock that furnishing may move on."""

    def now(self) -> datetime:
        """Return the moment."""
        ...

    def step(self) -> None:
        """Move on by at least one second-factor step."""
        ...


class Furnisher:
    """Lays down the sample ward."""

    def __init__(
        self, services: Services, key_list: KeyList, custody: Custody, clock: MovedClock
    ) -> None:
        self._areas = services.areas
        self._people = services.people
        self._sign_ins = services.sign_ins
        self._key_acts = services.key_acts
        self._key_list = key_list
        self._custody = custody
        self._clock = clock
        self._spoken: dict[str, str] = {}  # what each sample officer would read aloud

    def furnish(self, since: date | None = None) -> list[SignIn]:
        """Add areas (there since a day; None: today), units, officers and keys; return sign-ins."""
        for area in _AREAS:
            self._areas.add(*area, since=since)
        for unit in _UNITS:
            self._areas.add_unit(*unit)
        self._areas.add_poster("D1-01-03", POSTER)
        with ThreadPoolExecutor(2) as pool:  # key derivation is slow by design
            waiting = [pool.submit(self._enrol, *person) for person in _PEOPLE]
        sign_ins = {one.login: one for one in (each.result() for each in waiting)}
        self._clock.step()
        top = self._sign_in(sign_ins["tinh.an"])
        body = RootBody.model_validate_json(self._key_acts.found(top).request)
        segment = certify(self._custody.shares["root"], self._custody.public, body)
        self._key_list.put(segment)
        self._hand(top, "phuong.binh")
        self._hand(top, "xa.dung")
        self._hand(self._sign_in(sign_ins["phuong.binh"]), "phuong.chi")
        return list(sign_ins.values())

    def _enrol(self, login: str, name: str, unit: str, role: str) -> SignIn:
        token = self._people.add_officer(None, unit, login, name, role)
        shown = self._sign_ins.enrol_begin(token)
        digits = TOTP(shown.totp_secret).at(self._clock.now())
        own = self._sign_ins.enrol_finish(token, shown.ticket, shown.passphrase, digits)
        self._spoken[own.id] = own.fingerprint or ""
        return SignIn(login, name, shown.passphrase, shown.totp_secret)

    def _sign_in(self, who: SignIn) -> Session:
        digits = TOTP(who.totp_secret).at(self._clock.now())
        return self._sign_ins.sign_in(who.login, who.passphrase, digits).session

    def _hand(self, session: Session, login: str) -> None:
        people = self._people.officers(session)
        target = next(person for person in people if person.login == login)
        self._key_acts.hand_key(session, target.id, self._spoken[target.id])
