"""The monthly work of the demo's ward: its tổ, leaders, half a year of check-ins, reports.

Invented names and numbers. Everything goes through the same acts that a real installation uses;
nothing here knows a tip.
"""

import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from PIL import Image, ImageDraw

from api.demo_ward import WARD
from api.services import Services
from intake.errors import NotFound
from intake.plans.calendar import month_of
from intake.ports import VIETNAM
from intake.service import Intake
from intake.ward.figures import months_until
from intake.work.check_in_shapes import CheckInDraft, Filer
from intake.work.leaders import Leaders

SINCE = date(2025, 7, 1)
TEMPLATE, PLAN = "viec-hang-thang-cua-to", "hanoi-265-2024"
OUTREACH, LISTENING = "tuyen-truyen-thang", "hop-lang-nghe"
_AREA, _OTHER, _TOP = "D1-01", "D1-02", "D1"
LEADERS_AREA, WARDS_AREA = f"{_AREA}-03", _AREA
WARDS_OWN = ("Phạm Thị Phường", "cô")
"""Who is written to for the ward, where somebody asks for that part in the demo."""
_COMMAND = "command"
_MONTHS = 6
_LEADERS = (
    ("Nguyễn Thị Mẫu", "bác", (3, 4, 5, 6)),
    ("Trần Văn Thử", "chú", (1, 2, 7, 8)),
    ("Lê Thị Ví", "cô", (9, 10)),
)
_SIZES = {1: 96, 2: 110, 3: 131, 4: 88, 5: 102, 6: 140, 7: 93, 8: 117, 9: 125, 10: 99, 11: 84,
          12: 120}  # fmt: skip
_LATE = {(2, 1), (7, 3), (9, 2), (4, 4)}  # tổ and month, counted from the oldest
_MISSED = {(8, 2), (8, 3), (12, 1), (11, 4), (6, 1)}
_EXEMPT = (10, 4)
_SO_FAR = (1, 3, 4, 5, 9)  # tổ that have met already this month


class Day(NamedTuple):
    """One meeting to be filed."""

    number: int
    done_on: date
    filed_at: datetime
    both: bool


class WorkFurnisher:
    """Lays down half a year of the work side."""

    def __init__(self, intake: Intake, services: Services) -> None:
        self._intake = intake
        self._work = services.work.services
        self._imports = services.area_imports
        self._leaders = Leaders(intake)
        self._today = intake.clock.today()
        self._months = months_until(self._today, _MONTHS)
        self._holders: dict[int, str] = {}
        with intake.read() as view:
            officer = next(row for row in view.officers.of_unit(WARD) if row.role == "clerk")
        self._clerk = officer.id.hex()

    def furnish(self) -> None:
        """Lay down neighbourhoods, programmes, leaders, check-ins and a report."""
        self._lay_areas()
        first = date.fromisoformat(f"{self._months[0]}-01")
        self._work.uses.use(_AREA, TEMPLATE, first)
        self._work.uses.use(_TOP, PLAN, first)
        self._add_leaders(first)
        for month in self._months:
            self._work.obligations.open_period(date.fromisoformat(f"{month}-01"))
        with ThreadPoolExecutor(8) as pool:  # one commit for all that wait
            list(pool.map(self._file, self._past()))
        self._exempt_once()
        self._approve()
        self._work.obligations.close_due(self._intake.clock.now())
        self._this_month()
        self._report()

    def _lay_areas(self) -> None:
        lines = ["ward_code,own_code,unit_name,kind,households,population,valid_from"]
        for number, size in _SIZES.items():
            told = f"{_AREA},{number:02},tổ dân phố số {number},tổ dân phố,{size // 3},{size}"
            lines.append(f"{told},{SINCE}")
        lines += [f"{_OTHER},{n:02},thôn Mẫu {n},thôn,60,210,{SINCE}" for n in range(1, 5)]
        seen = self._imports.preview("\n".join(lines).encode(), "to.csv")
        self._imports.take(seen, _COMMAND)

    def _add_leaders(self, since: date) -> None:
        for at, (name, address_as, numbers) in enumerate(_LEADERS):
            leader = self._leaders.add(name, address_as)
            for number in numbers:
                self._leaders.assign(leader.id, _owner(number), "head", since)
                self._holders[number] = leader.id.hex()
            code = self._leaders.invite(leader.id)
            if at == 1:
                self._leaders.enrol(code, "demo", "may-mau")
                try:
                    self._leaders.enrol(code, "demo", "may-khac")  # what a stolen code looks like
                except NotFound:
                    continue

    # --- half a year ------------------------------------------------------------------------------

    def _past(self) -> Iterator[Day]:
        for at, month in enumerate(self._months[:-1]):
            span = month_of(date.fromisoformat(f"{month}-01"))
            for number in _SIZES:
                if (number, at) in _MISSED or (number, at) == _EXEMPT:
                    continue
                done_on = span.first + timedelta(days=4 + (number * 5 + at * 3) % 20)
                late = (number, at) in _LATE
                filed_on = span.last + timedelta(days=4) if late else done_on
                yield Day(number, done_on, _evening(filed_on), both=number % 4 != 0)

    def _file(self, day: Day) -> None:
        kinds = ("outreach",) if day.both else ("outreach", "listening_meeting")
        for kind in kinds:
            draft = CheckInDraft(
                owner_id=_owner(day.number), kind=kind, done_on=day.done_on,
                also_counts_as=("listening_meeting",) if day.both else (),
                place="nhà văn hóa", people=_SIZES[day.number] // 3 + day.done_on.day,
                chair="Bí thư chi bộ",
            )  # fmt: skip
            self._filed(draft, day.filed_at, f"{kind}:{day.number}:{day.done_on}")

    def _filed(self, draft: CheckInDraft, at: datetime, source: str) -> str:
        number = int(draft.owner_id[-2:])
        holder = self._holders.get(number)
        filer = Filer.leader(holder) if holder else Filer.officer(self._clerk)
        filed = self._work.check_ins.file(
            draft, filer, source=f"sample:{source}", filed_at=at, received_at=at
        )
        return filed.check_in_id

    def _approve(self) -> None:
        waiting = self._work.check_ins.review_list([_AREA])
        self._work.check_ins.approve([one.id for one in waiting if not one.flags], self._clerk)

    def _exempt_once(self) -> None:
        number, at = _EXEMPT
        for owed in self._owed(number, self._months[at]):
            self._work.obligations.ask_exemption(owed, self._holders[number], "bão, ngập cả tuần")
            self._work.obligations.decide_exemption(owed, granted=True, by=self._clerk)

    def _owed(self, number: int, month: str) -> list[str]:
        day = date.fromisoformat(f"{month}-01")
        standing = self._work.obligations.standing(_owner(number), day)
        return [each.obligation_id for each in standing if each.period == month]

    # --- this month -------------------------------------------------------------------------------

    def _this_month(self) -> None:
        now, first = self._intake.clock.now(), self._today.replace(day=1)
        days = {each: min(first + timedelta(days=each), self._today) for each in _SO_FAR}
        for number, day in days.items():
            draft = CheckInDraft(
                owner_id=_owner(number), kind="outreach", done_on=day, place="nhà văn hóa",
                people=400 if number == 9 else 40 + number, photo_ids=self._photo(number),
            )  # fmt: skip
            found = self._filed(draft, now, f"now:{number}")
            if number == 4:
                self._work.check_ins.send_back(found, "45 là số người hay số hộ?", self._clerk)
            if number == 5:
                filer = Filer.leader(self._holders[5])
                self._work.check_ins.amend(found, {"people": 52}, "đếm lại sổ ký", filer, now)
        for owed in self._owed(8, self._months[-1])[:1]:
            reason = "gộp vào buổi đầu tháng sau"
            self._work.obligations.ask_exemption(owed, self._holders[8], reason)
        old = date.fromisoformat(f"{self._months[1]}-20")
        draft = CheckInDraft(owner_id=_owner(12), kind="outreach", done_on=old, people=35)
        self._filed(draft, now, "late")

    def _photo(self, number: int) -> tuple[str, ...]:
        if number not in (3, 5):
            return ()
        return (
            self._work.check_ins.keep_photo("image/jpeg", _picture(), self._intake.clock.now()),
        )

    def _report(self) -> None:
        this_year = date(self._today.year, 6, 17)
        named = this_year if this_year <= self._today else date(self._today.year - 1, 6, 17)
        self._work.filings.mark_sent(
            PLAN, "bao-cao-6-thang", named.isoformat(), _AREA, document_number="45/BC-UBND",
            document_on=named - timedelta(days=2), by=self._clerk, at=self._intake.clock.now(),
        )  # fmt: skip


def _owner(number: int) -> str:
    return f"{_AREA}-{number:02}"


def _evening(day: date) -> datetime:
    return datetime.combine(day, time(20), VIETNAM)


def _picture() -> bytes:
    """Return a drawing of a meeting: a hall, a table, people without faces."""
    drawn = Image.new("RGB", (640, 420), "#e8eef6")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 300, 640, 420), fill="#c9b79a")
    pen.rectangle((150, 60, 490, 110), fill="#a01d17")
    pen.rectangle((200, 180, 440, 230), fill="#7a5c3a")
    for x in range(40, 620, 74):
        pen.ellipse((x, 260, x + 40, 300), fill="#495368")
        pen.rectangle((x - 6, 300, x + 46, 372), fill="#2c3f8f")
    kept = io.BytesIO()
    drawn.save(kept, "JPEG", quality=80)
    return kept.getvalue()
