"""Leaders log their work on the page: a line, buttons, pictures, a voice note."""

from datetime import date, timedelta

import pytest

from tests.bot.leaders_page import LINE, Browser, another, code_for
from tests.bot.resident import JPEG, House
from tests.bot.work_rig import TO_3, TO_4, VOICE, Workday

pytestmark = pytest.mark.anyio


async def test_one_line_and_one_tap_log_a_meeting_and_nothing_is_filed_before_it(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says(LINE)
    assert "T3 10/3/2026" in browser.said[-1]
    assert workday.filed == []
    await browser.presses("Lưu")
    assert "Đã ghi: Tuyên truyền" in browser.said[-1]
    (filed,) = workday.filed
    assert (filed.owner_id, filed.people, filed.done_on) == (TO_3, 45, date(2026, 3, 10))
    assert filed.filed_at == filed.received_at == workday.ward.clock.now()


async def test_buttons_alone_are_enough_but_for_a_number(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.presses("Đã tuyên truyền")
    page = await browser.presses("Hôm qua")
    assert 'inputmode="numeric"' in page.source
    await browser.says("35")
    await browser.presses("Lưu")
    assert [each.people for each in workday.filed] == [35]


async def test_a_picture_with_words_is_kept_clean(workday: Workday, browser: Browser) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says("họp lắng nghe 12/3 nhà văn hóa 30 người", JPEG)
    assert "1 ảnh" in browser.said[-1]
    await browser.presses("Lưu")
    assert [(each.kind, each.photos) for each in workday.filed] == [("listening_meeting", 1)]
    with workday.ward.intake.read() as view:
        body = view.connection.exec_driver_sql("SELECT body FROM check_in_photo").scalar_one()
    assert bytes(body) == b"clean " + JPEG


async def test_a_voice_note_is_kept_while_the_rest_is_asked(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.presses("Gửi ghi âm", ("voice", VOICE))
    for answer in ("Tuyên truyền", "Hôm qua"):
        await browser.presses(answer)
    await browser.says("20")
    await browser.presses("Lưu")
    assert [(each.people, each.photos) for each in workday.filed] == [(20, 1)]


async def test_what_is_no_picture_and_what_is_too_large_is_refused_with_a_sentence(
    workday: Workday, browser: Browser
) -> None:
    most = workday.ward.settings.max_upload_mb * 1024 * 1024
    await browser.comes(code_for(workday, TO_3))
    for file in (b"GIF89a no picture", b"%PDF-1.7", b"RIFF0000WAVEfmt "):
        await browser.says("", file)
        assert browser.said != []
        assert "Lưu" not in browser.page.buttons()
    await browser.says("", b"\xff\xd8\xff" + bytes(most))
    assert "lớn quá" in browser.said[-1]
    with workday.ward.intake.read() as view:
        count = view.connection.exec_driver_sql("SELECT count(*) FROM check_in_photo")
        assert count.scalar_one() == 0


async def test_words_that_name_people_are_not_kept_anywhere(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says("nhà ông Trần Văn Mốc số 7 bán ma túy, gọi 0912345678")
    assert "đừng ghi tên" in browser.said[-1]
    assert "máy khác" in browser.said[-1]
    assert "Mốc" not in browser.page.source
    with workday.ward.intake.read() as view:
        states = view.connection.exec_driver_sql("SELECT state FROM work_dialogue").scalars().all()
    assert len(states) == 1
    assert "0912345678" not in str(states)
    assert "Mốc" not in str(states)


async def test_what_is_written_is_shown_as_text(workday: Workday, browser: Browser) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says("tuyên truyền 10/3 <b>nhà</b> 45 người")
    assert "<b>nhà" not in browser.page.source


async def test_an_empty_form_says_that_there_was_nothing_in_it(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    page = await browser.says("  ")
    assert "Chưa có chữ hay tệp nào" in page.text


async def test_where_one_button_settles_it_the_rest_steps_back(
    workday: Workday, browser: Browser
) -> None:
    await browser.comes(code_for(workday, TO_3))
    assert "Gõ thêm" not in browser.page.text
    await browser.says(LINE)
    assert "Gõ thêm" in browser.page.text
    assert browser.page.source.count('class="main"') == 1
    page = await browser.presses("Thêm ảnh")
    assert "<details open>" in page.source


async def test_the_wards_table_is_shown_and_its_workbook_handed_out_to_this_device_alone(
    workday: Workday, house: House, browser: Browser
) -> None:
    await browser.comes(code_for(workday, "D1-01"))
    await browser.says("/bang")
    picture, sheet = "/viec/tep/0", "/viec/tep/1"
    assert f'src="{picture}"' in browser.page.source
    shown, handed = await browser.client.get(picture), await browser.client.get(sheet)
    assert shown.content.startswith(b"\x89PNG")
    assert handed.content.startswith(b"PK")
    assert "attachment" in handed.headers["content-disposition"]
    async with another(house) as stranger:
        assert (await stranger.client.get(picture)).status_code == 404
        await stranger.comes(code_for(workday, TO_4))
        assert (await stranger.client.get(picture)).status_code == 404
    for odd in ("-1", "x", "999", "٣", "1e2"):
        assert (await browser.client.get(f"/viec/tep/{odd}")).status_code == 404
    workday.ward.clock.advance(timedelta(minutes=10))
    assert (await browser.client.get(picture)).status_code == 404
    assert "chỉ giữ ít phút" in (await browser.opens()).text
