"""What comes in under a code that is known already."""

import threading
import time
from datetime import timedelta

import pytest

from intake.errors import Conflict, NoOpenUnit
from intake.follow_up import PreparedAddition
from intake.vault.key_pairs import new_seed, public_key
from intake.vault.keyring import Keyring
from intake.vault.segments import UnitEntry
from storage.errors import Stale
from storage.unit_of_work import Tx
from tests.statements import statements
from tests.wards import Ward

pytestmark = pytest.mark.anyio


async def test_an_urgent_addition_pages_the_unit_in_the_same_unit_of_work(ward: Ward) -> None:
    code = ward.send()
    found = await ward.follow_up.look_up(code)
    calm = ward.follow_up.prepare_addition(found, "nhớ thêm biển số xe", ())
    await ward.intake.write(calm.add)
    with ward.intake.read() as view:
        assert view.pushes.calls() == []
    urgent = ward.follow_up.prepare_addition(found, "đang diễn ra: cầm dao, ngáo đá", ())
    await ward.intake.write(urgent.add)
    with ward.intake.read() as view:
        assert [call.unit_id for call in view.pushes.calls()] == ["phuong"]


async def test_an_urgent_addition_that_may_wait_is_like_any_other(ward: Ward) -> None:
    ward.settings.__dict__["release_minutes"] = 60
    said = "đang diễn ra: cầm dao, ngáo đá"
    for code in (ward.send(), ward.pool.take().code):
        found = await ward.follow_up.look_up(code)
        addition = ward.follow_up.prepare_addition(found, said, (), calm=True)
        await ward.intake.write(addition.add)
        part = addition.part
        assert part.release_at > ward.clock.now()
        assert not addition.urgent
    with ward.intake.read() as view:
        assert view.pushes.calls() == []


async def test_nobody_closes_over_an_urgent_addition_that_they_have_not_seen(ward: Ward) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    shown = triage.queue(officer).rows[0]
    found = await ward.follow_up.look_up(code)
    addition = ward.follow_up.prepare_addition(found, "đang diễn ra: cầm dao", ())
    await ward.intake.write(addition.add)
    with pytest.raises(Conflict):
        triage.close(officer, shown.id, shown.version, "trung")
    (now,) = triage.queue(officer).rows
    assert (now.priority, now.has_new, now.state) == (1, True, "new")
    triage.close(officer, now.id, now.version, "trung")


ACTS: dict[str, tuple[str, ...]] = {
    "claim": (), "answer": ("đã đọc",), "set_state": ("grounded",), "close": ("trung",)
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("minutes", [0, 60])
async def test_nobody_acts_over_an_addition_released_since_their_page_was_made(
    ward: Ward, act: str, minutes: int
) -> None:
    code = ward.send()
    ward.settings.__dict__["release_minutes"] = minutes
    officer, services = ward.sign_in("phuong.chi"), ward.services
    listed = services.triage.queue(officer).rows[0]
    before = services.disclosure.open_tip(officer, listed.id)
    addition = ward.follow_up.prepare_addition(
        await ward.follow_up.look_up(code), "nhớ thêm biển số xe", ()
    )
    await ward.intake.write(addition.add)
    if minutes:
        assert services.disclosure.open_tip(officer, listed.id) == before
        ward.clock.set(addition.part.release_at)
        officer = ward.sign_in("phuong.chi")
    for seen in (listed.version, before.version):
        with pytest.raises(Conflict):
            getattr(services.triage, act)(officer, listed.id, seen, *ACTS[act])
    (row,) = services.triage.queue(officer).rows
    now = services.disclosure.open_tip(officer, listed.id)
    assert (row.has_new, row.state, row.version) == (True, "new", now.version)
    assert now.messages[-1].text == "nhớ thêm biển số xe"
    getattr(services.triage, act)(officer, listed.id, now.version, *ACTS[act])
    assert not any(row.has_new for row in services.triage.queue(officer).rows)


async def test_an_addition_on_its_way_into_the_rows_is_not_acted_over(ward: Ward) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    shown = triage.queue(officer).rows[0]
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    half, acting = threading.Event(), threading.Event()

    def slowly(tx: Tx) -> None:
        tx.tips.mark_new(addition.tip_id, addition.part.release_at)
        half.set()
        acting.wait(5)
        time.sleep(0.2)
        addition.add(tx)

    coming = ward.intake.database.writer.submit(slowly)
    assert half.wait(5)
    acting.set()
    with pytest.raises(Conflict):
        triage.close(officer, shown.id, shown.version, "trung")
    coming.result(5)
    (row,) = triage.queue(officer).rows
    assert (row.state, row.has_new) == ("new", True)


async def test_what_the_unit_says_makes_no_page_of_a_colleague_old(ward: Ward) -> None:
    ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.answer(officer, tip.id, tip.version, "đã đọc")  # and a state word, 1 to 24 hours later
    shown = triage.queue(officer).rows[0]
    ward.clock.advance(timedelta(hours=25))
    triage.close(ward.sign_in("phuong.chi"), tip.id, shown.version, "trung")


async def test_an_addition_not_released_yet_stays_marked_after_an_answer(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    monkeypatch.setattr(ward.settings, "release_minutes", 60)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(addition.add)
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.answer(officer, tip.id, tip.version, "đã đọc")
    ward.clock.advance(timedelta(minutes=61))
    assert triage.queue(ward.sign_in("phuong.chi")).rows[0].has_new


async def test_an_addition_shows_nowhere_before_its_release_minute(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.answer(officer, tip.id, tip.version, "đã đọc")
    monkeypatch.setattr(ward.settings, "release_minutes", 240)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    before = triage.queue(officer).rows
    await ward.intake.write(addition.add)
    assert addition.part.release_at > ward.clock.now()
    assert triage.queue(officer).rows == before
    ward.clock.set(addition.part.release_at)
    assert triage.queue(ward.sign_in("phuong.chi")).rows[0].has_new


async def test_a_second_addition_does_not_hide_the_news_of_the_first(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    assert triage.queue(officer).rows[0].has_new
    monkeypatch.setattr(ward.settings, "release_minutes", 240)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(addition.add)
    assert triage.queue(officer).rows[0].has_new


async def test_an_urgent_addition_to_a_closed_tip_stands_on_top_of_the_queue(ward: Ward) -> None:
    ward.send(what="việc khác")
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = (await ward.follow_up.look_up(code)).tip
    assert tip is not None
    triage.close(officer, tip.id.hex(), tip.version, "thieu")
    assert len(triage.queue(officer).rows) == 1
    addition = ward.follow_up.prepare_addition(
        await ward.follow_up.look_up(code), "đang diễn ra: cầm dao, ngáo đá", ()
    )
    await ward.intake.write(addition.add)
    first = triage.queue(officer).rows[0]
    assert (first.id, first.state, first.has_new, first.priority) == (
        tip.id.hex(), "closed", True, 1
    )  # fmt: skip
    assert len(triage.queue(officer, ["new"]).rows) == 1
    triage.claim(officer, first.id, first.version)
    assert [row.id for row in triage.queue(officer).rows] != [first.id]
    assert [row.state for row in triage.queue(officer, ["closed"]).rows] == ["closed"]


async def test_a_closed_tip_comes_back_at_the_release_minute_and_not_before(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.close(officer, tip.id, tip.version, "thieu")
    monkeypatch.setattr(ward.settings, "release_minutes", 60)
    addition = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(addition.add)
    assert triage.queue(officer).rows == ()
    ward.clock.set(addition.part.release_at)
    officer = ward.sign_in("phuong.chi")
    back = triage.queue(officer).rows[0]
    assert ward.services.disclosure.open_tip(officer, back.id).has_new
    triage.set_state(officer, back.id, back.version, "screening")
    assert [(row.state, row.has_new) for row in triage.queue(officer).rows] == [
        ("screening", False)
    ]


async def test_while_only_the_wards_key_is_out_of_date_every_code_gets_one_answer(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, stranger = ward.send(what="trước"), ward.pool.take().code
    real = Keyring.unit

    def out_of_date(self: Keyring, unit_id: str) -> UnitEntry | None:
        return None if unit_id == "phuong" else real(self, unit_id)

    monkeypatch.setattr(Keyring, "unit", out_of_date)
    for code in (known, stranger):
        found = await ward.follow_up.look_up(code)
        await ward.intake.write(
            ward.follow_up.prepare_addition(found, "đang cầm dao ngay bây giờ", ()).add
        )
    with ward.intake.read() as view:
        assert {call.unit_id for call in view.pushes.calls()} == {"tinh"}
    top, disclosure = ward.sign_in("tinh.an"), ward.services.disclosure
    rows = ward.services.triage.queue(top).rows
    said = {message.text for row in rows for message in disclosure.open_tip(top, row.id).messages}
    assert {"Chuyện gì: trước", "đang cầm dao ngay bây giờ"} <= said
    chi = ward.sign_in("phuong.chi")
    mine = ward.services.triage.queue(chi).rows
    assert [m.text for m in disclosure.open_tip(chi, mine[0].id).messages] == ["Chuyện gì: trước"]
    monkeypatch.setattr(Keyring, "unit", lambda *_: None)
    for code in (known, stranger):
        with pytest.raises(NoOpenUnit):
            ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "x", ())


@pytest.mark.parametrize("out_of_date", ["phuong", "huyen", "tinh"])
async def test_of_three_levels_whichever_key_is_out_of_date_every_code_gets_one_answer(
    ward: Ward, monkeypatch: pytest.MonkeyPatch, out_of_date: str
) -> None:
    known, stranger = ward.send(), ward.pool.take().code
    with_a_district(ward, monkeypatch, out_of_date)
    taken: list[str | None] = []
    for code in (known, stranger):
        found = await ward.follow_up.look_up(code)
        try:
            prepared = ward.follow_up.prepare_addition(found, "đang cầm dao ngay bây giờ", ())
        except NoOpenUnit:
            taken.append(None)
            continue
        await ward.intake.write(prepared.add)
        is_part = isinstance(prepared, PreparedAddition)
        taken.append(prepared.unit_id if is_part else prepared.tip.unit_id)
    of_the_known = {"phuong": "huyen", "huyen": "tinh", "tinh": None}[out_of_date]
    assert taken == [of_the_known, of_the_known and "tinh"]


def with_a_district(ward: Ward, monkeypatch: pytest.MonkeyPatch, out_of_date: str) -> None:
    """Put a unit between the ward and the province, and let one unit's key be out of date."""
    ring = ward.foundation.key_list.current
    units = {name: ring.unit(name) for name in ("tinh", "phuong")}
    tinh, phuong = units["tinh"], units["phuong"]
    assert tinh is not None
    assert phuong is not None
    made = {
        "tinh": tinh,
        "huyen": phuong.model_copy(update={"unit_id": "huyen"}),
        "phuong": phuong.model_copy(update={"parent_id": "huyen"}),
    }
    old = {"expires_on": ward.clock.today() - timedelta(days=1)}
    made[out_of_date] = made[out_of_date].model_copy(update=old)
    keys = {name: ring.key_of(name) for name in units} | {"huyen": public_key(new_seed())}
    monkeypatch.setattr(ring, "_units", made)
    monkeypatch.setattr(ring, "_keys", keys)


async def test_an_addition_to_a_tip_erased_meanwhile_becomes_a_new_tip_and_is_not_lost(
    ward: Ward,
) -> None:
    code = ward.send()
    found = await ward.follow_up.look_up(code)
    tip = found.tip
    assert tip is not None
    ward.intake.write_now(lambda tx: tx.tips.erase(tip.id))
    late = ward.follow_up.prepare_addition(found, "thêm", ())
    with pytest.raises(Stale):
        await ward.intake.write(late.add)
    with ward.intake.read() as view:
        assert view.parts.heads(tip.id) == []
    again = ward.follow_up.prepare_addition(await ward.follow_up.look_up(code), "thêm", ())
    await ward.intake.write(again.add)
    top = ward.sign_in("tinh.an")
    assert [row.unit_id for row in ward.services.triage.queue(top).rows] == ["tinh"]


async def test_a_look_up_loads_nothing_that_the_code_does_not_open(ward: Ward) -> None:
    code = ward.send()
    officer, triage = ward.sign_in("phuong.chi"), ward.services.triage
    tip = triage.queue(officer).rows[0]
    triage.answer(officer, tip.id, tip.version, "đã đọc")
    with statements(ward.intake.database._reads) as asked:
        found = await ward.follow_up.look_up(code)
    assert [message.text for message in found.messages] == ["đã đọc"]
    loading = [
        given for statement, given in asked
        if "body_sealed" in statement.replace("length(part.body_sealed)", "")
    ]  # fmt: skip
    assert len(loading) == 1
    assert tip.id not in str(loading[0])
    assert str(bytes.fromhex(tip.id)) not in str(loading[0])
