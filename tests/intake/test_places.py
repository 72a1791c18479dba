"""Which commune is meant: certain, or asked; never guessed."""

from datetime import date

import pytest

from intake.places import Place, Snapshot
from intake.text import fold
from storage.areas import AreaRow

DAY = date(2025, 7, 1)
CERTAIN = Place("1", "phường Thượng Hồng, tỉnh Hưng Yên")


def area(area_id: str, level: str, parent: str | None, name: str) -> AreaRow:
    kind = name.split(" ", maxsplit=1)[0]
    return AreaRow(area_id, level, parent, kind, name, fold(name), DAY)


@pytest.fixture
def snapshot() -> Snapshot:
    areas = [
        area("33", "province", None, "tỉnh Hưng Yên"),
        area("20", "province", None, "tỉnh Lạng Sơn"),
        area("1", "commune", "33", "phường Thượng Hồng"),
        area("2", "commune", "33", "xã Thụy Anh"),
        area("3", "commune", "33", "xã Đông Thụy Anh"),
        area("4", "commune", "20", "xã Văn Lang"),
        area("5", "commune", "20", "xã Văn Lăng"),
        area("6", "commune", "20", "xã Tân Thành"),
        area("7", "commune", "33", "xã Tân Thành"),
        area("8", "neighbourhood", "1", "tổ dân phố số 3"),
    ]
    return Snapshot(areas, {"1": "u1", "33": "u33"}, {"abc": "8"})


@pytest.mark.parametrize(
    "typed",
    ["phường Thượng Hồng, Hưng Yên", "thuong hong", "P. Thượng Hồng", "Thượng Hồng Hưng Yên",
     "phuong thuong hong, tinh hung yen", "Phường Thượng Hồng.", "P.thượng hong",
     "thuong hong, huyen cu, tinh hung yen", "Thuong Hong ward", "ward Thượng Hồng",
     "Thuong Hong Ward, Hung Yen Province", "Thuong Hong ward Hung Yen", "ward of thuong hong"],
)  # fmt: skip
def test_a_name_that_can_only_mean_one_is_taken(snapshot: Snapshot, typed: str) -> None:
    assert snapshot.find(typed) == [CERTAIN]


def test_two_communes_that_differ_by_tone_marks_are_asked_about(snapshot: Snapshot) -> None:
    assert {place.area_id for place in snapshot.find("van lang")} == {"4", "5"}
    assert [place.area_id for place in snapshot.find("xã Văn Lăng")] == ["5"]


def test_one_name_in_two_provinces_is_asked_about_until_the_province_is_said(
    snapshot: Snapshot,
) -> None:
    assert {place.area_id for place in snapshot.find("tan thanh")} == {"6", "7"}
    assert [place.area_id for place in snapshot.find("xã Tân Thành, Lạng Sơn")] == ["6"]


def test_the_end_of_a_longer_name_is_another_commune(snapshot: Snapshot) -> None:
    assert [place.area_id for place in snapshot.find("Thụy Anh")] == ["2"]


def test_a_typing_slip_is_offered_never_taken_for_certain(snapshot: Snapshot) -> None:
    assert snapshot.find("thuong hongg") == [CERTAIN._replace(near=True)]
    assert snapshot.find("không có nơi này đâu") == []


@pytest.mark.parametrize("typed", ["Thượng Hồng, Hải Phòng", "xã Thượng Hồng, tinh lang son"])
def test_a_name_with_another_province_is_offered_never_taken_for_certain(
    snapshot: Snapshot, typed: str
) -> None:
    assert snapshot.find(typed) == [CERTAIN._replace(near=True)]


@pytest.mark.parametrize("typed", ["Thượng Họng", "p. Thưởng Hồng", "Thượng Hống Hưng Yên"])
def test_a_name_with_other_marks_is_offered_never_taken_for_certain(
    snapshot: Snapshot, typed: str
) -> None:
    assert snapshot.find(typed) == [CERTAIN._replace(near=True)]


def test_of_near_names_those_of_the_province_said_are_offered(snapshot: Snapshot) -> None:
    found = snapshot.find("xã Tân Thàn, Lạng Sơn")
    assert [(place.area_id, place.near) for place in found] == [("6", True)]


def test_a_poster_stands_for_its_neighbourhood_and_its_commune_receives(snapshot: Snapshot) -> None:
    assert snapshot.poster("abc") == "8"
    assert snapshot.poster("xyz") is None
    assert snapshot.unit_for("8") == "u1"
    assert snapshot.has_own_unit("8")
    assert snapshot.unit_for("2") == "u33"
    assert not snapshot.has_own_unit("2")
    place = snapshot.place("8")
    assert place is not None
    assert place.label == "tổ dân phố số 3, phường Thượng Hồng"


def test_a_text_longer_than_any_name_is_compared_with_none(snapshot: Snapshot) -> None:
    assert snapshot.find(f"Thượng Hồng{' .' * 40}, Hưng Yên") == [CERTAIN]
    assert snapshot.find(f"Thượng Hồng{' .' * 100}, Hưng Yên") == []
