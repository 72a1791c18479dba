"""The console keeps a tip for a case, and shows administrators what is wrong with the machine."""

from datetime import timedelta

from api.routes.tips import HoldAsked
from intake.upkeep.holds import GROUNDS
from intake.upkeep.jobs import note_first_tick
from tests.api.desks import Desk


def test_an_officer_keeps_a_tip_for_a_case_and_lets_it_go(desk: Desk) -> None:
    tip, binh = desk.tip(), desk.signed_in("phuong.binh")
    assert "Đang giữ lại" not in binh.get(f"/tin/{tip}").text
    kept = binh.post(f"/tin/{tip}/giu", data={"ground": "vu-an"})
    assert kept.status_code == 303
    assert "Đang giữ lại" in binh.get(f"/tin/{tip}").text
    binh.post(f"/tin/{tip}/thoi-giu")
    assert "Đang giữ lại" not in binh.get(f"/tin/{tip}").text
    assert binh.post(f"/tin/{tip}/giu", data={"ground": "vì thích"}).status_code == 422


def test_a_program_may_hold_a_tip_as_the_console_does(desk: Desk) -> None:
    tip, binh = desk.tip(), desk.signed_in("phuong.binh")
    address = f"/api/v1/tips/{tip}/hold"
    assert binh.get(address).json() == {"held": False}
    for ground in GROUNDS:
        assert binh.put(address, json={"ground": ground}).status_code == 204
        assert binh.get(address).json() == {"held": True}
    assert binh.put(address, json={"ground": "vì thích"}).status_code == 422
    assert binh.delete(address).status_code == 204
    assert binh.get(address).json() == {"held": False}
    asked = HoldAsked.model_json_schema()["properties"]["ground"]["enum"]
    assert asked == list(GROUNDS)


def test_only_administrators_see_what_is_wrong_with_the_machine(desk: Desk) -> None:
    now = desk.ward.clock.now()
    desk.ward.intake.write_now(lambda tx: note_first_tick(tx, now))
    admin, officer = desk.signed_in("quantri"), desk.signed_in("phuong.binh")
    assert "Máy cần xem" not in admin.get("/can-bo").text
    desk.ward.clock.advance(timedelta(minutes=11))
    shown = admin.get("/can-bo").text
    assert "Máy cần xem" in shown
    assert "biên nhận và bản nháp" in shown
    assert "Máy cần xem" not in officer.get("/hang-tin").text
