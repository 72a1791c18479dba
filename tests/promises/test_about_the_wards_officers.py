"""A tip about the ward's officers cannot be seen, counted or opened by the ward."""

import pytest
from sqlmodel import SQLModel

from intake.disclosure import Disclosure
from intake.errors import NotFound
from intake.tip_states import STATES
from tests.wards import Ward

pytestmark = pytest.mark.anyio


def keys_of(ward: Ward, tip_rows: list[dict[str, object]]) -> set[bytes]:
    """Return the ids of all keys to which anything of these tips is wrapped."""
    tables = SQLModel.metadata.tables
    ids = {row["id"] for row in tip_rows}
    with ward.intake.read() as view:
        parts = view.connection.execute(tables["part"].select()).mappings()
        mine = {row["id"] for row in parts if row["tip_id"] in ids}
        wraps = view.connection.execute(tables["wrap"].select()).mappings()
        return {row["key_id"] for row in wraps if row["part_id"] in mine}


def tips_of(ward: Ward, unit: str) -> list[dict[str, object]]:
    with ward.intake.read() as view:
        rows = view.connection.execute(SQLModel.metadata.tables["tip"].select()).mappings()
        return [dict(row) for row in rows if row["unit_id"] == unit]


async def test_nothing_of_it_is_wrapped_to_the_ward_not_even_later_additions(ward: Ward) -> None:
    code = ward.send(what="công an phường nhận tiền", conflict="yes")
    ward_key = ward.foundation.key_list.current.key_of("phuong").key_id
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(addition.add)
    top = ward.sign_in("tinh.an")
    row = ward.services.triage.queue(top).rows[0]
    ward.services.triage.answer(top, row.id, row.version, "đã đọc")
    assert ward_key not in keys_of(ward, tips_of(ward, "tinh"))
    assert tips_of(ward, "phuong") == []


async def test_lists_and_counts_of_the_ward_are_the_same_with_and_without_it(ward: Ward) -> None:
    ward.send(what="chuyện thường")
    officer = ward.sign_in("phuong.chi")
    triage = ward.services.triage
    before = triage.queue(officer, list(STATES))
    ward.send(what="công an phường nhận tiền", conflict="yes")
    after = triage.queue(officer, list(STATES))
    assert [row.id for row in after.rows] == [row.id for row in before.rows]
    assert after.counts == before.counts


async def test_every_act_on_it_is_refused_as_if_it_did_not_exist(ward: Ward) -> None:
    ward.send(what="công an phường nhận tiền", conflict="yes")
    tip = ward.services.triage.queue(ward.sign_in("tinh.an")).rows[0]
    officer = ward.sign_in("phuong.chi")
    triage, disclosure = ward.services.triage, ward.services.disclosure
    acts = [
        lambda: disclosure.open_tip(officer, tip.id),
        lambda: disclosure.photo(officer, tip.id, tip.id),
        lambda: triage.claim(officer, tip.id, tip.version),
        lambda: triage.answer(officer, tip.id, tip.version, "x"),
        lambda: triage.close(officer, tip.id, tip.version, "trung"),
        lambda: triage.set_state(officer, tip.id, tip.version, "screening"),
    ]
    unknown = "00" * 16
    for act in acts:
        with pytest.raises(NotFound) as withheld:
            act()
        with pytest.raises(NotFound) as nowhere:
            disclosure.open_tip(officer, unknown)
        assert str(withheld.value) == str(nowhere.value)


async def test_the_wards_keys_open_no_wrap_of_it_even_read_straight_from_the_database(
    ward: Ward,
) -> None:
    ward.send(what="công an phường nhận tiền", conflict="yes")
    officer = ward.sign_in("phuong.chi")
    held = set(Disclosure(ward.intake, ward.foundation.key_list).keys(officer).key_ids)
    assert held
    assert not held & keys_of(ward, tips_of(ward, "tinh"))
