"""Steps of the dialogue with whoever comes back, and what is pushed to them."""

import pytest

from bot.messages import Incoming
from intake.errors import TryLater
from intake.limits import Allowance
from intake.vault.relay import open_address
from storage.unit_of_work import Tx
from tests.bot.phones import PLENTY, Household, Phone
from tests.wards import Ward

pytestmark = pytest.mark.anyio


# --- coming back ----------------------------------------------------------------------------------


async def test_unknown_and_newsless_codes_get_the_same_bytes(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.tells()
    await phone.taps("gui")
    known, unknown = phone.code, ward.pool.take().code
    answers: list[list[tuple[str, str, int]]] = []
    for code in (known, unknown):
        other = household.phone(address=f"a{code[:4]}")
        await other.says(f"/xem {code}")
        answers.append([(m.key, m.text, len(m.choices)) for m in other.screen])
    assert answers[0] == answers[1]


async def test_two_additions_under_an_unknown_code_meet_in_one_new_tip(
    household: Household, ward: Ward
) -> None:
    phone = household.phone()
    await phone.says(f"/xem {ward.pool.take().code}", "có người bán ở cầu", "thêm: xe đỏ")
    assert phone.heard()[-2:] == ["da_gui_them", "da_gui_them"]
    assert household.tips == 1


# --- push -----------------------------------------------------------------------------------------


async def test_an_address_is_kept_only_on_request_and_only_for_the_relay(
    household: Household, phone: Phone, ward: Ward
) -> None:
    ward.settings.__dict__["push_notices"] = True
    await phone.tells()
    await phone.taps("gui")
    assert household.count("push_address") == 0
    await phone.taps("bao_tra_loi", "bat")
    assert phone.heard()[-2:] == ["da_bat_bao", "bien_nhan"]
    with ward.intake.read() as view:
        (row,) = view.pushes.all()
    seed = bytes.fromhex(ward.settings.key_file("relay.key").read_text().strip())
    assert open_address(seed, row.id, row.address_sealed) == ("telegram", "4711")
    await phone.says("/dung")
    assert phone.heard()[-2:] == ["tat_bao", "bien_nhan"]
    assert household.count("stop_request") == 1


async def test_no_address_is_kept_for_a_tip_that_is_closed_by_then(
    household: Household, phone: Phone, ward: Ward
) -> None:
    """The unit may be done before the reporter asks to be told: the address dies at closing."""
    ward.settings.__dict__.update(push_notices=True, release_minutes=0)
    await phone.tells()
    await phone.taps("gui")
    session, triage = ward.sign_in("phuong.chi"), ward.services.triage
    (row,) = triage.queue(session).rows
    triage.close(session, row.id, row.version, "trung")
    await phone.taps("bao_tra_loi", "bat")
    assert phone.heard()[-2:] == ["da_bat_bao", "bien_nhan"]
    assert household.count("push_address") == 0


async def test_a_closed_house_says_so_before_anybody_types(phone: Phone, ward: Ward) -> None:
    ward.clock.advance(days=400)
    await phone.says("/bao")
    assert phone.hears == "tam_dong"


async def test_trouble_is_not_told_on_every_redelivery_at_once(phone: Phone, ward: Ward) -> None:
    ward.intake.database.writer.stop()
    incoming = Incoming("telegram", phone.address, "u1", text="/bao")
    for _ in range(3):
        with pytest.raises(TryLater):
            await phone.dialogue.handle(incoming)
    await phone.dialogue.settle()
    assert phone.heard() == ["loi"]


async def test_a_key_list_that_went_bad_closes_the_box_and_ends_nothing(
    phone: Phone, ward: Ward
) -> None:
    await phone.tells()
    ward.intake.write_now(lambda tx: tx.keys.put_segment("root", 99, b"{}", b"forged"))
    ward.foundation.key_list.forget()
    await phone.taps("gui")
    assert phone.heard()[-2:] == ["tam_dong", "tam_dong"]
    await phone.says("/huy", "/bao")
    assert phone.heard()[-2:] == ["da_huy", "tam_dong"]


async def test_pictures_in_a_flood_are_slowed(ward: Ward) -> None:
    allowances = {**PLENTY, "upload": Allowance(1, 60)}
    phone = Household(ward, allowances=allowances).phone()
    await phone.says("/bao")
    await phone.taps("khong_khan", "dong_y", "cb_khong")
    await phone.shows(b"picture")
    await phone.shows(b"picture")
    assert phone.heard()[-2:] == ["anh_da_nhan", "qua_nhieu_anh"]


async def test_an_unreadable_row_is_a_new_beginning(
    household: Household, phone: Phone, ward: Ward
) -> None:
    await phone.says("/bao")

    def spoil(tx: Tx) -> None:
        row = tx.drafts.get(ward.session_keys.row_keys("telegram", phone.address))
        assert row is not None
        tx.drafts.put(row._replace(sealed=row.sealed[:-1] + b"\0"), row.version)

    ward.intake.write_now(spoil)
    await phone.says("/bao")
    assert phone.hears == "nguy_hiem"
    assert household.rows == 1


async def test_what_was_said_is_found_again_and_deleted_even_while_it_was_on_its_way(
    phone: Phone,
) -> None:
    await phone.tells()
    await phone.taps("gui", "da_chep")
    left = {message_id for _, message_id, _ in phone.platform.sent} - set(phone.platform.deleted)
    goodbye = {i for _, i, message in phone.platform.sent if message.key == "da_chep.xoa"}
    assert left == goodbye


async def test_in_memory_no_address_outlives_its_draft(phone: Phone, ward: Ward) -> None:
    await phone.says("xin chào")
    sent = phone.dialogue._sent
    assert sent.unwritten("telegram", phone.address)
    ward.clock.advance(minutes=31)
    await phone.dialogue.sweep()
    assert sent.unwritten("telegram", phone.address) == ()
    assert phone.address not in repr(vars(sent))
    assert phone.address not in repr(vars(phone.dialogue._deliveries))
