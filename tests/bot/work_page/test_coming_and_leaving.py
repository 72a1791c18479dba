"""Leaders come to their page with the ward's code, and leave it."""

import pytest

from intake.limits import Allowance
from tests.bot.leaders_page import JAR, LINE, Browser, another, chats, code_for, open_page
from tests.bot.resident import PLENTY, House
from tests.bot.work_rig import TO_3, Workday
from tests.wards import Ward

pytestmark = pytest.mark.anyio


@pytest.fixture
def workday(ward: Ward) -> Workday:
    """A ward with leaders, on each kind of database."""
    return Workday(ward)


async def test_a_code_opens_the_page_once_the_leader_says_yes(
    workday: Workday, browser: Browser
) -> None:
    page = await browser.opens()
    assert "Mã mời của phường" in page.text
    assert JAR not in browser.client.cookies
    await browser.presses("Tiếp tục", code=code_for(workday, TO_3))
    assert "Nguyễn Văn Hòa" in browser.said[0]
    assert "không tự nhắc được" in browser.said[0]
    assert chats(workday) == []
    page = await browser.presses("Đồng ý")
    assert "Đã tuyên truyền" in page.buttons()
    ((channel, address),) = chats(workday)
    assert (channel, len(address)) == ("web", 64)
    assert browser.client.cookies[JAR] not in address


async def test_a_link_of_the_ward_puts_its_code_into_the_box_and_uses_nothing_up(
    workday: Workday, browser: Browser
) -> None:
    code = code_for(workday, TO_3)
    for _ in range(3):  # a messenger looks at links before anybody opens them
        page = await browser.opens(f"/viec?moi={code}")
        assert "Nguyễn Văn Hòa" not in page.text
    page = await browser.presses("Tiếp tục")
    assert "Nguyễn Văn Hòa" in page.text


async def test_junk_in_a_link_is_not_put_into_the_box(browser: Browser) -> None:
    page = await browser.opens('/viec?moi="><script>alert(1)</script>')
    assert "alert" not in page.source


async def test_whoever_is_not_the_one_invited_says_so_and_the_device_is_forgotten(
    workday: Workday, browser: Browser
) -> None:
    await browser.opens()
    await browser.presses("Tiếp tục", code=code_for(workday, TO_3))
    page = await browser.presses("Không phải tôi")
    assert "phường sẽ xem lại" in page.text
    assert JAR not in browser.client.cookies
    assert chats(workday) == []
    assert len(workday.leaders.misused()) == 1


@pytest.mark.parametrize("typed", ["", "ABC", "ABCD-EFGH-JKMN", "x" * 5000, "12 chữ và số!"])
async def test_a_code_that_opens_nothing_is_refused_with_what_to_do(
    browser: Browser, typed: str
) -> None:
    await browser.opens()
    page = await browser.presses("Tiếp tục", code=typed)
    assert page.status == 422
    assert "Mã" in page.text
    assert typed == "" or typed not in page.source
    assert JAR not in browser.client.cookies


async def test_a_used_code_is_refused_and_the_ward_is_told(
    workday: Workday, house: House, browser: Browser
) -> None:
    code = code_for(workday, TO_3)
    await browser.comes(code)
    async with another(house) as thief:
        await thief.opens()
        page = await thief.presses("Tiếp tục", code=code)
        assert page.status == 422
        assert "đã có người dùng" in page.text
    assert len(workday.leaders.misused()) == 1
    assert len(chats(workday)) == 1


async def test_two_browsers_that_hold_one_code_do_not_both_come_in(
    workday: Workday, house: House, browser: Browser
) -> None:
    code = code_for(workday, TO_3)
    async with another(house) as other:
        for each in (browser, other):
            await each.opens()
            await each.presses("Tiếp tục", code=code)
        await browser.presses("Đồng ý")
        page = await other.presses("Đồng ý")
        assert "đã có người dùng" in page.text
    assert len(chats(workday)) == 1


async def test_too_many_codes_from_one_place_have_to_wait_and_good_ones_do_not_count(
    workday: Workday,
) -> None:
    few = PLENTY | {"look_up": Allowance(2, 1)}
    leader = workday.leader(TO_3)
    async with open_page(workday, few) as house:
        for _ in range(4):  # a whole meeting behind one address
            async with another(house) as browser:
                await browser.opens()
                page = await browser.presses("Tiếp tục", code=workday.leaders.invite(leader.id))
                assert page.status == 200
        async with another(house) as browser:
            await browser.opens()
            for _ in range(2):
                assert (await browser.presses("Tiếp tục", code="ABCD-EFGH-JKMN")).status == 422
            page = await browser.presses("Tiếp tục", code="ABCD-EFGH-JKMN")
            assert page.status == 429
            assert "phút" in page.text
            assert int(page.response.headers["retry-after"]) >= 60


async def test_a_device_is_left_and_the_leader_stays_enrolled_elsewhere(
    workday: Workday, house: House, browser: Browser
) -> None:
    leader = workday.leader(TO_3)
    await browser.comes(workday.leaders.invite(leader.id))
    async with another(house) as other:
        await other.comes(workday.leaders.invite(leader.id))
        secret = browser.client.cookies[JAR]
        page = await browser.presses("Rời khỏi máy này")
        assert "không còn mở được" in page.text
        assert JAR not in browser.client.cookies
        assert len(chats(workday)) == 1
        answer = await browser.client.get("/viec", headers={"Cookie": f"{JAR}={secret}"})
        assert "Mã mời" in answer.text
        assert "Max-Age=0" in answer.headers["set-cookie"]
        page = await other.opens()
        assert "Đã tuyên truyền" in page.buttons()


async def test_a_leader_may_go_for_good_from_the_page(workday: Workday, browser: Browser) -> None:
    await browser.comes(code_for(workday, TO_3))
    await browser.says("/thoi")
    page = await browser.presses("Thôi hẳn")
    assert "Đã thôi" in page.text
    assert chats(workday) == []
    assert JAR not in browser.client.cookies


async def test_a_leader_whom_the_ward_lets_go_finds_the_page_closed(
    workday: Workday, browser: Browser
) -> None:
    leader = workday.leader(TO_3)
    await browser.comes(workday.leaders.invite(leader.id))
    old = browser.page
    workday.leaders.leave(leader.id)
    page = await browser.opens()
    assert "Mã mời" in page.text
    browser.page = old
    page = await browser.says(LINE)
    assert "không còn mở được" in page.text
    assert workday.filed == []
