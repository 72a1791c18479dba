"""Keeping periods: looked at again whenever anything changed that decides who owes what."""

from collections.abc import Callable
from datetime import date

import pytest

from intake.plans.programme_use import ProgrammeUses
from intake.upkeep.period_keeper import PeriodKeeper
from intake.work.obligations import Obligations
from storage.areas import AreaRow
from storage.organisations import OrganisationRow
from storage.programmes import HolderRow
from tests.wards import WARD_AREA, Ward

PROGRAMME = "viec-hang-thang-cua-to"


@pytest.fixture
def keeper(ward: Ward) -> PeriodKeeper:
    return PeriodKeeper(ward.intake, ward.settings)


def use(ward: Ward, area_id: str = WARD_AREA) -> None:
    ProgrammeUses(ward.intake, ward.settings).use(area_id, PROGRAMME, date(2026, 1, 1))


def owed_by(ward: Ward, owner_id: str) -> int:
    uses = ProgrammeUses(ward.intake, ward.settings)
    return len(Obligations(ward.intake, uses).standing(owner_id, ward.clock.today()))


def neighbourhood(ward: Ward, area_id: str) -> None:
    row = AreaRow(area_id, "neighbourhood", WARD_AREA, "tổ dân phố", "Tổ mới", "to moi",
                  date(2026, 1, 1))  # fmt: skip
    ward.intake.write_now(lambda tx: tx.areas.add_areas([row]))


def test_a_second_look_on_the_same_ground_opens_nothing_and_writes_nothing(
    ward: Ward, keeper: PeriodKeeper
) -> None:
    use(ward)
    assert keeper.keep()
    units = ward.intake.database.writer.units
    assert not keeper.keep()
    assert ward.intake.database.writer.units == units


def _new_neighbourhood(ward: Ward) -> None:
    neighbourhood(ward, "D1-01-99")


def _ended_neighbourhood(ward: Ward) -> None:
    ward.intake.write_now(lambda tx: tx.areas.end(["D1-01-03"], ward.clock.today()))


def _another_use(ward: Ward) -> None:
    use(ward, "D1-02")


def _use_that_ended(ward: Ward) -> None:
    uses = ProgrammeUses(ward.intake, ward.settings)
    uses.end(WARD_AREA, PROGRAMME, ward.clock.today())


def _next_day(ward: Ward) -> None:
    ward.clock.advance(days=1)


def _own_file(ward: Ward) -> None:
    ward.settings.programmes.mkdir(exist_ok=True)
    (ward.settings.programmes / "ngay-nghi.toml").write_text("format = 1\n", "utf-8")


def _role_holder(ward: Ward) -> None:
    row = HolderRow(PROGRAMME, "ai-do", WARD_AREA, "Ban", ward.clock.now(), "nobody")
    ward.intake.write_now(lambda tx: tx.programmes.name(row))


def _organisation(ward: Ward) -> None:
    row = OrganisationRow("T1", WARD_AREA, "school", "Trường", "truong", date(2026, 1, 1))
    ward.intake.write_now(lambda tx: tx.organisations.add_new([row]))


@pytest.mark.parametrize(
    "change",
    [
        _new_neighbourhood, _ended_neighbourhood, _another_use, _use_that_ended, _next_day,
        _own_file, _role_holder, _organisation,
    ],
)  # fmt: skip
def test_whatever_decides_who_owes_what_is_noticed(
    ward: Ward, keeper: PeriodKeeper, change: Callable[[Ward], None]
) -> None:
    use(ward)
    keeper.keep()
    change(ward)
    assert keeper.keep()
    assert not keeper.keep()


def test_a_new_neighbourhood_owes_within_one_look_and_an_ended_one_no_longer(
    ward: Ward, keeper: PeriodKeeper
) -> None:
    use(ward)
    keeper.keep()
    neighbourhood(ward, "D1-01-99")
    keeper.keep()
    assert owed_by(ward, "D1-01-99") == owed_by(ward, "D1-01-03") == 2
    _ended_neighbourhood(ward)
    keeper.keep()
    uses = ProgrammeUses(ward.intake, ward.settings)
    found = Obligations(ward.intake, uses).standing("D1-01-03", ward.clock.today())
    assert {each.state for each in found} == {"ended"}


def test_the_next_month_is_opened_and_the_last_one_frozen_by_looks_alone(
    ward: Ward, keeper: PeriodKeeper
) -> None:
    use(ward)
    periods: set[str] = set()
    for _ in range(45):
        keeper.keep()
        uses = ProgrammeUses(ward.intake, ward.settings)
        found = Obligations(ward.intake, uses).standing("D1-01-03", ward.clock.today())
        periods |= {each.period for each in found}
        ward.clock.advance(days=1)
    assert {"2026-03", "2026-04"} <= periods
    with ward.intake.read() as view:
        closed = [r.state for r in view.obligations.of_owner("D1-01-03", "2026-03")]
    assert set(closed) == {"closed"}


def test_a_look_that_was_cut_off_remembers_nothing(
    ward: Ward, keeper: PeriodKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(ward)

    def killed(*_: object) -> int:
        raise RuntimeError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(Obligations, "_open", killed)
        with pytest.raises(RuntimeError):
            keeper.keep()
    assert keeper.keep()
    assert owed_by(ward, "D1-01-03") == 2
