"""Signing in and out: what works once, what ends, and what is slowed."""

import html
import re
from datetime import timedelta

import anyio
import pyotp
import pytest

from api.sign_in_gate import SignInGate
from intake.limits import Buckets, Slow
from tests.api.desks import Desk
from tests.clocks import FixedClock

WHO = "phuong.binh"


def test_six_digits_are_taken_once(desk: Desk) -> None:
    typed = desk.typed(WHO)
    assert desk.browser().post("/api/v1/session", json=typed).status_code == 201
    again = desk.browser().post("/api/v1/session", json=typed)
    assert (again.status_code, again.json()["code"]) == (401, "not_signed_in")
    page = desk.browser().post("/dang-nhap", data=typed)
    assert page.status_code == 401
    assert "Chưa đúng" in page.text


@pytest.mark.parametrize("wrong", ["login", "passphrase", "totp"])
def test_a_refused_sign_in_never_says_which_of_the_three_does_not_fit(
    desk: Desk, wrong: str
) -> None:
    answer = desk.browser().post("/api/v1/session", json=desk.typed(WHO) | {wrong: "khac"})
    known = desk.browser().post("/api/v1/session", json=dict.fromkeys(desk.typed(WHO), "x"))
    assert answer.status_code == known.status_code == 401
    assert answer.content == known.content
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("wrong", ["login", "passphrase", "totp"])
def test_a_refused_sign_in_speaks_of_what_was_typed_and_of_no_session(
    desk: Desk, wrong: str
) -> None:
    typed = desk.typed(WHO) | {wrong: "khac"}
    told = desk.browser().post("/api/v1/session", json=typed).json()["detail"]
    assert "tên, cụm mật khẩu và mã 6 số" in told
    assert "Phiên" not in told
    assert told in desk.browser().post("/dang-nhap", data=typed).text


@pytest.mark.parametrize(
    ("wait", "status"),
    [(timedelta(minutes=14), 200), (timedelta(minutes=15, seconds=1), 401)],
)
def test_a_session_ends_after_fifteen_minutes_without_use(
    desk: Desk, wait: timedelta, status: int
) -> None:
    officer = desk.signed_in(WHO)
    desk.ward.clock.advance(wait)
    assert officer.get("/api/v1/session").status_code == status


def test_a_session_in_use_ends_after_eight_hours(desk: Desk) -> None:
    officer = desk.signed_in(WHO)
    for _ in range(47):
        desk.ward.clock.advance(timedelta(minutes=10))
        assert officer.get("/api/v1/session").status_code == 200
    desk.ward.clock.advance(timedelta(minutes=10, seconds=1))
    assert officer.get("/api/v1/session").status_code == 401


def test_an_ended_session_leads_back_to_the_sign_in_page_and_takes_the_cookie(desk: Desk) -> None:
    officer = desk.signed_in(WHO)
    desk.ward.clock.advance(timedelta(hours=1))
    answer = officer.get("/hang-tin")
    assert answer.headers["location"] == "/dang-nhap?vi=het-phien"
    assert 'homthu=""' in answer.headers["set-cookie"]
    assert "Phiên đã hết" in officer.get("/dang-nhap?vi=het-phien").text


def test_signing_out_ends_the_session_at_once(desk: Desk) -> None:
    officer = desk.signed_in(WHO)
    cookie = officer.cookies["__Host-homthu"]
    answer = officer.post("/dang-xuat")
    assert answer.headers["location"] == "/dang-nhap?vi=da-thoat"
    thief = desk.browser()
    thief.cookies["__Host-homthu"] = cookie
    assert thief.get("/api/v1/session").status_code == 401


def test_signing_in_again_in_one_browser_ends_the_session_before(desk: Desk) -> None:
    officer = desk.signed_in(WHO)
    before = officer.cookies["__Host-homthu"]
    assert officer.post("/dang-nhap", data=desk.typed(WHO)).status_code == 303
    assert officer.get("/api/v1/session").status_code == 200
    other = desk.browser()
    other.cookies["__Host-homthu"] = before
    assert other.get("/api/v1/session").status_code == 401


def test_a_removed_officer_is_out_at_once(desk: Desk) -> None:
    leaver, admin = desk.signed_in("phuong.chi"), desk.signed_in("quantri")
    officer_id = desk.officer_id("phuong.chi")
    assert admin.delete(f"/api/v1/officers/{officer_id}").status_code == 204
    assert leaver.get("/api/v1/session").status_code == 401
    assert desk.browser().post("/api/v1/session", json=desk.typed("phuong.chi")).status_code == 401


def added(desk: Desk) -> str:
    """Add an officer in the console and return the path of the one-time link."""
    admin = desk.signed_in("quantri")
    fields = {"unit_id": "phuong", "login": "moi", "name": "Người Mới", "role": "officer"}
    page = admin.post("/can-bo", data=fields).text
    (path,) = re.findall(r"https://desk\.test(/thiet-lap/[\w-]+)", page)
    return path


def shown(page: str) -> tuple[str, str, str]:
    """Return passphrase, second-factor secret and ticket from the set-up page."""
    secrets = [html.unescape(one) for one in re.findall(r'<p class="secret">([^<]+)</p>', page)]
    (ticket,) = re.findall(r'name="ticket" value="([0-9a-f]+)"', page)
    return secrets[0], secrets[1].replace(" ", ""), ticket


def test_the_one_time_link_sets_up_an_officer_and_works_once(desk: Desk) -> None:
    link, browser = added(desk), desk.browser()
    assert browser.get(link).status_code == 200
    page = browser.post(link).text
    assert 'src="data:image/svg+xml;base64,' in page
    passphrase, secret, ticket = shown(page)
    digits = pyotp.TOTP(secret).at(desk.ward.clock.now())
    typed = {"ticket": ticket, "passphrase": passphrase, "totp": digits}
    assert browser.post(link, data=typed).headers["location"] == "/dang-nhap?vi=xong"
    for again in (browser.post(link, data=typed), browser.post(link)):
        assert again.status_code == 404
    desk.ward.clock.advance(timedelta(seconds=31))
    totp = pyotp.TOTP(secret).at(desk.ward.clock.now())
    body = {"login": "moi", "passphrase": passphrase, "totp": totp}
    assert desk.browser().post("/api/v1/session", json=body).status_code == 201


def test_looking_at_the_link_does_not_use_it_up_and_a_slip_may_be_mended(desk: Desk) -> None:
    link, browser = added(desk), desk.browser()
    browser.get(link)
    passphrase, secret, ticket = shown(browser.post(link).text)
    digits = pyotp.TOTP(secret).at(desk.ward.clock.now())
    slip = {"ticket": ticket, "passphrase": "mot hai ba", "totp": digits}
    answer = browser.post(link, data=slip)
    assert answer.status_code == 422
    assert passphrase not in answer.text
    assert "mot hai ba" not in answer.text
    mended = slip | {"passphrase": passphrase.upper()}
    assert browser.post(link, data=mended).status_code == 303


def test_a_link_dies_after_two_days(desk: Desk) -> None:
    link = added(desk)
    desk.ward.clock.advance(timedelta(hours=48, seconds=1))
    assert desk.browser().post(link).status_code == 404


def test_a_source_that_tries_too_often_is_slowed_and_still_let_in(desk: Desk) -> None:
    browser, wrong = desk.browser(), {"login": "ai", "passphrase": "x", "totp": "0"}
    for _ in range(11):
        assert browser.post("/api/v1/session", json=wrong).status_code == 401
    assert desk.waits
    assert browser.post("/api/v1/session", json=desk.typed(WHO)).status_code == 201


@pytest.mark.anyio
async def test_one_source_cannot_crowd_out_another(clock: FixedClock) -> None:
    gate, held, done = SignInGate(Buckets(clock), anyio.sleep), anyio.Event(), list[str]()

    async def knock(source: str) -> None:
        await gate.run(source, lambda: anyio.from_thread.run(held.wait))

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(knock, "one")
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(Slow):
            await gate.run("one", lambda: None)
        await gate.run("other", lambda: done.append("other"))
        held.set()
    assert done == ["other"]
    await gate.run("one", lambda: done.append("one"))
    assert done == ["other", "one"]


def test_addresses_are_believed_only_from_our_own_proxies(desk: Desk) -> None:
    desk.app.state.desk.settings.trusted_proxies = 1
    wrong = {"login": "ai", "passphrase": "x", "totp": "0"}
    for number in range(12):
        told = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"}
        desk.browser().post("/api/v1/session", json=wrong, headers=told)
    assert len(desk.waits) == 2
    told = {"X-Forwarded-For": "203.0.113.8"}
    desk.browser().post("/api/v1/session", json=wrong, headers=told)
    assert len(desk.waits) == 2


def test_one_household_and_a_header_of_its_own_count_as_one_source(desk: Desk) -> None:
    """An IPv6 line brings addresses without number, and a proxy may add a line of its own."""
    desk.app.state.desk.settings.trusted_proxies = 1
    wrong = {"login": "ai", "passphrase": "x", "totp": "0"}
    for number in range(1, 13):
        told = [
            ("X-Forwarded-For", f"198.51.100.{number}"),
            ("X-Forwarded-For", f"2001:db8::{number}:b:c:d"),
        ]
        desk.browser().post("/api/v1/session", json=wrong, headers=told)
    assert len(desk.waits) == 2
