"""The demo's ward shows the work side whole: every letter, something to judge, an odd invite."""

from datetime import date

import pytest

from api.demo_work import OUTREACH, SINCE, TEMPLATE, WorkFurnisher
from tests.api.desks import Desk
from tests.clocks import FixedClock
from tests.wards import Ward


@pytest.fixture
def furnished_ward(ward: Ward) -> Ward:
    """The ward as `homthu demo` has it: its areas are older than its officers."""
    with ward.intake.read() as view:
        older = [row._replace(valid_from=SINCE) for row in view.areas.all()]
    ward.intake.write_now(lambda tx: tx.areas.add_areas(older))
    return ward


def test_the_demo_shows_every_letter_and_something_to_judge(
    desk: Desk, furnished_ward: Ward, clock: FixedClock
) -> None:
    WorkFurnisher(furnished_ward.intake, furnished_ward.services).furnish()
    clerk = desk.signed_in("phuong.em")
    chosen = {"programme": TEMPLATE, "duty": OUTREACH}
    matrix = clerk.get("/api/v1/compliance/matrix", params=chosen).json()
    letters = {cell["letter"] for row in matrix["rows"] for cell in row["cells"]}
    assert letters >= {"Đ", "M", "T", "X", "·"}
    assert len(matrix["columns"]) == 6
    overview = clerk.get("/api/v1/compliance/overview").json()
    assert overview["to_review"] > overview["flagged"] > 0
    assert (overview["exemptions"], overview["misused"]) == (1, 1)
    assert len(clerk.get("/api/v1/leaders").json()["vacant"]) == 2
    (sent,) = clerk.get("/api/v1/reports").json()["sent"]
    assert date.fromisoformat(sent["filing"]["occurrence"]) <= clock.today()


@pytest.mark.parametrize("day", [1, 3, 28, 31])
def test_the_demo_can_be_furnished_on_any_day_of_a_month(
    furnished_ward: Ward, clock: FixedClock, day: int
) -> None:
    clock.set(clock.now().replace(month=5, day=day))
    WorkFurnisher(furnished_ward.intake, furnished_ward.services).furnish()
    found = furnished_ward.services.work.services.check_ins.review_list(["D1-01"])
    assert found
    assert all(each.done_on <= clock.today() for each in found)
