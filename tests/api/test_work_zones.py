"""Zones that ignore borders have figures of their own: sums over their areas, each counted once."""

from starlette.testclient import TestClient

from intake.country.organisations import Zones
from tests.api.work_desk import (
    OUTREACH,
    TEMPLATE,
    THON_1,
    TO_3,
    TO_4,
    WorkDesk,
    plain,
)

DUTY = {"programme": TEMPLATE, "duty": OUTREACH}
COMPLIANCE = "/api/v1/compliance"


def draw(work: WorkDesk, *areas: str) -> None:
    Zones(work.desk.ward.intake).draw("ven-song", "Ven sông", areas)


def rates(browser: TestClient, **asked: str) -> tuple[int, int, int]:
    found = browser.get(COMPLIANCE, params=DUTY | asked).json()["rates"]
    return found["met"], found["timely"], found["expected"]


def test_a_zone_across_wards_has_the_sums_of_its_areas(work: WorkDesk) -> None:
    work.file(TO_3)
    work.file(THON_1)
    draw(work, TO_3, TO_4, THON_1)
    above = work.desk.signed_in("tinh.an")
    each = [rates(above, area=area) for area in (TO_3, TO_4, THON_1)]
    assert rates(above, zone="ven-song") == tuple(map(sum, zip(*each, strict=True))) == (2, 2, 3)
    found = above.get(COMPLIANCE, params=DUTY | {"zone": "ven-song"}).json()
    assert {child["id"] for child in found["children"]} == {TO_3, TO_4, THON_1}
    assert found["trend"][-1]["rates"]["met"] == 2
    assert found["area"]["level"] == "zone"
    assert found["beyond"] == 0


def test_an_area_inside_another_of_the_zone_counts_once(work: WorkDesk) -> None:
    work.file(TO_3)
    above = work.desk.signed_in("tinh.an")
    draw(work, "D1-01")
    whole = rates(above, zone="ven-song")
    draw(work, "D1-01", TO_3, TO_4)
    assert rates(above, zone="ven-song") == whole == rates(above, area="D1-01")


def test_an_officer_reads_the_part_within_their_own_area_and_is_told_so(work: WorkDesk) -> None:
    work.file(TO_3)
    draw(work, TO_3, THON_1)
    clerk = work.desk.signed_in("phuong.em")
    found = clerk.get(COMPLIANCE, params=DUTY | {"zone": "ven-song"}).json()
    assert (found["rates"]["expected"], found["beyond"]) == (1, 1)
    assert [child["id"] for child in found["children"]] == [TO_3]
    page = plain(clerk.get("/viec/bieu-do?noi=vung:ven-song").text)
    assert "Ven sông" in page
    assert "1/1 = 100,0 %" in page
    assert "1 nơi khác không tính ở đây" in page


def test_a_zone_that_lies_beyond_is_not_there(work: WorkDesk) -> None:
    draw(work, THON_1)
    clerk = work.desk.signed_in("phuong.em")
    assert clerk.get("/api/v1/zones").json() == []
    assert "Ven sông" not in clerk.get("/viec/bieu-do").text
    for asked in ("ven-song", "khong-co"):
        answer = clerk.get(COMPLIANCE, params=DUTY | {"zone": asked})
        assert (answer.status_code, "Không có vùng này" in answer.text) == (404, True)
        assert clerk.get(f"/viec/bieu-do?noi=vung:{asked}").status_code == 404
    assert [z["id"] for z in work.desk.signed_in("xa.dung").get("/api/v1/zones").json()] == [
        "ven-song"
    ]
