"""The worked example of the definitions, through real filings, read alike wherever it is read.

14 tổ in November: 12 meet the duty, 10 of them before the due time, one is let off, one does
nothing. Expected 13, completeness 12/13, timeliness 10/13, on-time share 10/12.
"""

import io
from datetime import date
from fractions import Fraction
from itertools import zip_longest
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from intake.ward.sheets import Sheets
from intake.work.check_ins import CheckInDraft, Filer
from intake.work.leaders import Leaders
from storage.areas import AreaRow
from storage.database import Database
from tests.api.desks import Desk, open_desk
from tests.api.work_desk import TO_3, TO_4, open_work_desk
from tests.clocks import FixedClock
from tests.intake.work_side import (
    NOVEMBER,
    OFFICER,
    OUTREACH,
    PROVINCE,
    TEMPLATE,
    WARD,
    Town,
    at,
    furnish,
)  # fmt: skip
from tests.wards import Ward

LAST_GOOD, FIRST_LATE = at("2026-11-30 23:59:59"), at("2026-12-01 00:00:00")


@pytest.fixture
def november(database: Database, clock: FixedClock, tmp_path: Path) -> Town:
    """Ten tổ file in time, the tenth in the last second; two on the next day; one is let off."""
    clock.set(at("2026-11-01 08:00:00"))
    town = furnish(database, clock, tmp_path)
    town.uses.use(PROVINCE, TEMPLATE, NOVEMBER)
    town.obligations.open_period(NOVEMBER)
    for number in range(1, 10):
        town.file(f"{WARD}-{number:02}", date(2026, 11, 5 + number), people=30 + number)
    town.file(f"{WARD}-10", date(2026, 11, 30), LAST_GOOD, people=41)
    town.file(f"{WARD}-11", date(2026, 11, 30), FIRST_LATE, people=42)
    town.file(f"{WARD}-12", date(2026, 11, 28), at("2026-12-02 07:15:00"), people=43)
    owed = town.obligations.standing(f"{WARD}-13", NOVEMBER)
    mine = next(each for each in owed if each.duty == OUTREACH)
    town.obligations.ask_exemption(mine.obligation_id, town.leader, "Mưa bão")
    town.obligations.decide_exemption(mine.obligation_id, granted=True, by=OFFICER)
    clock.set(at("2026-12-02 08:00:00"))
    return town


def whole_book(town: Town, area_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the workbook's sheets, each row by its headings."""
    out = io.BytesIO()
    Sheets(town.intake, town.compliance, town.uses).write(area_id, [TEMPLATE], ["2026-11"], out)
    book = openpyxl.load_workbook(io.BytesIO(out.getvalue()), read_only=True)
    found: dict[str, list[dict[str, Any]]] = {}
    for sheet in book.worksheets:
        head, *rest = sheet.iter_rows(values_only=True)
        found[sheet.title] = [dict(zip_longest(map(str, head), row)) for row in rest]
    return found


def outreach_of(rows: list[dict[str, Any]], area_id: str) -> dict[str, Any]:
    return next(r for r in rows if r["Mã"] == area_id and r["Việc"].startswith("Tuyên truyền"))


def test_the_service_reads_12_of_13_10_of_13_and_10_of_12(november: Town) -> None:
    figures = november.compliance.figures(TEMPLATE, OUTREACH, "2026-11", WARD)
    assert (figures.expected, figures.exempt) == (13, 1)
    shares = (figures.completeness, figures.timeliness, figures.on_time_share)
    assert list(map(str, shares)) == ["12/13 = 92,3 %", "10/13 = 76,9 %", "10/12 = 83,3 %"]


@pytest.mark.parametrize("area_id", [WARD, PROVINCE])
def test_the_workbook_reads_the_same_as_numbers(november: Town, area_id: str) -> None:
    row = outreach_of(whole_book(november, area_id)["Tổng hợp"], WARD)
    counted = {name: row[name] for name in ("Phải làm", "Miễn", "Đủ", "Đúng hạn")}
    assert counted == {"Phải làm": 13, "Miễn": 1, "Đủ": 12, "Đúng hạn": 10}
    shares = {
        "Hoàn thành (Đủ / Phải làm)": Fraction(12, 13),
        "Đúng hạn / Phải làm": Fraction(10, 13),
        "Đúng hạn / Đủ": Fraction(10, 12),
    }
    for name, share in shares.items():
        assert row[name] == pytest.approx(float(share))


def test_the_matrix_and_the_list_bear_the_figures_out(november: Town) -> None:
    book = whole_book(november, WARD)
    column = "Tuyên truyền hằng tháng · tháng 11/2026"
    letters = [row[column] for row in book["Ma trận"]]
    assert letters == [*"ĐĐĐĐĐĐĐĐĐĐ", "M", "M", "X", "T"]
    assert len(book["Danh sách buổi"]) == 12
    assert sum(row["Số người"] for row in book["Danh sách buổi"]) == sum(range(31, 40)) + 126


def test_the_close_and_what_comes_after_it_change_none_of_them(
    november: Town, clock: FixedClock
) -> None:
    before = outreach_of(whole_book(november, WARD)["Tổng hợp"], WARD)
    clock.set(at("2026-12-11 00:00:00"))
    november.obligations.close_due(clock.now())
    november.file(f"{WARD}-14", date(2026, 11, 29), at("2026-12-12 09:00:00"))
    book = whole_book(november, WARD)
    assert outreach_of(book["Tổng hợp"], WARD) == before
    late = [row for row in book["Danh sách buổi"] if row["Sau khóa sổ"] == "có"]
    assert [row["Mã đơn vị"] for row in late] == [f"{WARD}-14"]


# --- the same example at the officers' door -------------------------------------------------------


@pytest.fixture
def desk(ward: Ward) -> Desk:
    """A ward of 14 tổ in which March went as November does above; it is the second of April."""
    intake, work = ward.intake, open_work_desk(open_desk(ward))
    more = [
        AreaRow(f"D1-01-m{at}", "neighbourhood", "D1-01", "tổ", f"tổ mẫu {at}", f"to mau {at}",
                date(2026, 1, 1)) for at in range(1, 13)
    ]  # fmt: skip
    intake.write_now(lambda tx: tx.areas.add_areas(more))
    services = ward.services.work.services
    services.obligations.open_period(date(2026, 3, 2))
    owners = [*(row.id for row in more), TO_3, TO_4]
    for owner in owners[2:12]:
        Leaders(intake).assign(bytes.fromhex(work.leader), owner, since=date(2026, 1, 1))
    officer = Filer.officer("0f" * 16)
    filed = [at("2026-03-20 20:00:00")] * 9 + [at("2026-03-31 23:59:59")]
    filed += [at("2026-04-01 00:00:00"), at("2026-04-02 07:15:00")]
    for number, (owner, moment) in enumerate(zip(owners, filed, strict=False)):
        draft = CheckInDraft(owner_id=owner, kind="outreach", done_on=date(2026, 3, 20), people=30)
        services.check_ins.file(
            draft, officer, source=f"example:{number}", filed_at=moment, received_at=moment
        )
    owed = services.obligations.standing(owners[12], date(2026, 3, 20))
    mine = next(each for each in owed if each.duty == OUTREACH)
    services.obligations.decide_exemption(mine.obligation_id, granted=True, by="0f" * 16)
    ward.clock.set(at("2026-04-02 08:00:00"))
    return work.desk


def test_console_api_and_workbook_show_the_same_three_shares(desk: Desk) -> None:
    clerk = desk.signed_in("phuong.em")
    asked = {"programme": TEMPLATE, "duty": OUTREACH, "month": "2026-03"}
    rates = clerk.get("/api/v1/compliance", params=asked).json()["rates"]
    shares = {"completeness": (12, 13), "timeliness": (10, 13), "on_time_share": (10, 12)}
    for name, (numerator, denominator) in shares.items():
        assert (rates[name]["numerator"], rates[name]["denominator"]) == (numerator, denominator)
    page = clerk.get("/viec/bieu-do?thang=2026-03&viec=viec-hang-thang-cua-to:tuyen-truyen-thang")
    assert all(shown in page.text for shown in ("12/13", "10/13", "10/12"))
    for address in ("/viec/bang.xlsx?thang=2026-03", "/api/v1/compliance/workbook?month=2026-03"):
        answer = clerk.get(address)
        assert answer.headers["content-disposition"].endswith("bang-D1-01-2026-03.xlsx")
        row = march_of(answer.content)
        counted = (row["Phải làm"], row["Miễn"], row["Đủ"], row["Đúng hạn"])
        assert counted == (13, 1, 12, 10)
        assert row["Hoàn thành (Đủ / Phải làm)"] == pytest.approx(rates["completeness"]["value"])
        assert row["Đúng hạn / Phải làm"] == pytest.approx(rates["timeliness"]["value"])
        assert row["Đúng hạn / Đủ"] == pytest.approx(rates["on_time_share"]["value"])


def march_of(body: bytes) -> dict[str, Any]:
    """Return the ward's row of the monthly outreach in March, from a workbook."""
    sheet = openpyxl.load_workbook(io.BytesIO(body), read_only=True)["Tổng hợp"]
    head, *rows = sheet.iter_rows(values_only=True)
    found = (dict(zip_longest(map(str, head), row)) for row in rows)
    return next(
        row for row in found
        if (row["Mã"], row["Kỳ"], row["Việc"])
        == ("D1-01", "tháng 3/2026", "Tuyên truyền hằng tháng")
    )  # fmt: skip


def test_another_wards_officer_gets_no_workbook_of_this_one(desk: Desk) -> None:
    other = desk.signed_in("xa.dung")
    assert other.get("/api/v1/compliance/workbook?area=D1-01").status_code == 404
