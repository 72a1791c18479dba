"""People and keys in the console: who sees what, "Trao khóa" by digits that were heard."""

import re
from datetime import timedelta

import pyotp
import pytest

from api.commands import custody
from intake.officers import Enrolment
from intake.vault.segments import RootBody
from tests.api.desks import Desk


def enrolled(desk: Desk, login: str = "moi", unit: str = "phuong") -> Enrolment:
    """Add an officer of the ward who has set up but was handed no key."""
    people, sign_ins = desk.ward.services.people, desk.ward.services.sign_ins
    token = people.add_officer(None, unit, login, "Người Mới")
    shown = sign_ins.enrol_begin(token)
    digits = pyotp.TOTP(shown.totp_secret).at(desk.ward.clock.now())
    sign_ins.enrol_finish(token, shown.ticket, shown.passphrase, digits)
    return shown


def spoken(desk: Desk, login: str) -> str:
    return desk.ward.spoken(desk.officer_id(login))


def token_of(page: str) -> dict[str, str]:
    return {"form_token": re.findall(r'name="form_token" value="(\w+)"', page)[0]}


def test_a_colleague_hands_the_key_by_typing_what_was_heard(desk: Desk) -> None:
    shown = enrolled(desk)
    binh = desk.signed_in("phuong.binh")
    page = binh.get("/can-bo").text
    act = f"/can-bo/{desk.officer_id('moi')}/trao-khoa"
    assert f'action="{act}"' in page
    assert spoken(desk, "moi") not in page
    fields = token_of(page) | {"sure": "yes"}
    wrong = binh.post(act, data=fields | {"fingerprint": "0000 0000"})
    assert wrong.status_code == 422
    assert "không khớp" in wrong.text
    assert "0000 0000" not in wrong.text
    unsure = binh.post(act, data=token_of(page) | {"fingerprint": spoken(desk, "moi")})
    assert unsure.status_code == 422
    right = binh.post(act, data=fields | {"fingerprint": spoken(desk, "moi")})
    assert right.headers["location"] == "/can-bo?vi=trao"
    tip = desk.tip()
    desk.ward.clock.advance(timedelta(seconds=31))
    totp = pyotp.TOTP(shown.totp_secret).at(desk.ward.clock.now())
    typed = {"login": "moi", "passphrase": shown.passphrase, "totp": totp}
    moi = desk.browser()
    assert moi.post("/api/v1/session", json=typed).status_code == 201
    assert moi.get(f"/tin/{tip}").status_code == 200


def test_before_the_key_is_handed_the_queue_shows_no_words_and_no_tip_opens(desk: Desk) -> None:
    shown = enrolled(desk)
    tip = desk.tip(what="bán ma tuý, có người cầm dao")
    desk.ward.clock.advance(timedelta(seconds=31))
    totp = pyotp.TOTP(shown.totp_secret).at(desk.ward.clock.now())
    typed = {"login": "moi", "passphrase": shown.passphrase, "totp": totp}
    moi = desk.browser()
    assert moi.post("/dang-nhap", data=typed).status_code == 303
    queue = moi.get("/hang-tin").text
    assert tip in queue
    assert "chưa được trao khóa" in queue
    assert "hung khí" not in queue
    assert moi.get(f"/tin/{tip}").status_code == 403
    assert "Chưa được trao" in moi.get("/can-bo").text


def test_people_see_their_own_digits_to_read_aloud_and_nobody_elses(desk: Desk) -> None:
    page = desk.signed_in("phuong.binh").get("/can-bo").text
    assert spoken(desk, "phuong.binh") in page
    assert spoken(desk, "phuong.chi") not in page


def test_an_admin_manages_people_and_is_told_that_no_tip_opens_for_him(desk: Desk) -> None:
    admin = desk.signed_in("quantri")
    assert admin.get("/").headers["location"] == "/can-bo"
    page = admin.get("/can-bo").text
    assert "không bao giờ giữ khóa đơn vị" in page
    handed = "mới trao được khóa"
    assert handed not in page
    assert handed in desk.signed_in("phuong.binh").get("/can-bo").text
    assert "trao-khoa" not in page
    assert "/hang-tin" not in page


def test_a_removed_colleague_stays_in_the_list_as_gone(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    fields = token_of(binh.get("/can-bo").text)
    act = f"/can-bo/{desk.officer_id('phuong.chi')}/cho-thoi"
    assert binh.post(act, data=fields).status_code == 422
    assert binh.post(act, data=fields | {"sure": "yes"}).status_code == 303
    assert "Đã thôi" in binh.get("/can-bo?vi=cho-thoi").text
    own = f"/can-bo/{desk.officer_id('phuong.binh')}/cho-thoi"
    assert binh.post(own, data=fields | {"sure": "yes"}).status_code == 409


def test_the_unit_above_signs_a_new_key_by_digits_that_were_heard(desk: Desk) -> None:
    binh, an = desk.signed_in("phuong.binh"), desk.signed_in("tinh.an")
    fields = token_of(binh.get("/can-bo").text) | {"sure": "yes"}
    assert binh.post("/khoa/phuong/doi", data=fields).headers["location"] == "/can-bo?vi=doi"
    page = an.get("/can-bo").text
    assert "Khóa mới chờ ký" in page
    (act,) = [one for one in binh.get("/api/v1/key-acts").json() if one["kind"] == "await_signing"]
    fields = token_of(page)
    wrong = an.post("/khoa/phuong/ky", data=fields | {"fingerprint": "1111 1111"})
    assert wrong.status_code == 422
    right = an.post("/khoa/phuong/ky", data=fields | {"fingerprint": act["fingerprint"]})
    assert right.headers["location"] == "/can-bo?vi=ky"
    assert desk.tip() in binh.get("/hang-tin").text


def test_no_answer_shows_digits_that_must_be_heard(desk: Desk) -> None:
    """Digits on one's own screen would be agreed to without listening to anybody."""
    enrolled(desk)
    binh, an = desk.signed_in("phuong.binh"), desk.signed_in("tinh.an")
    fields = token_of(binh.get("/can-bo").text) | {"sure": "yes"}
    binh.post("/khoa/phuong/doi", data=fields)
    (own,) = [each for each in binh.get("/api/v1/key-acts").json() if each["fingerprint"]]
    told = "".join(
        an.get(path).text for path in ("/api/v1/officers", "/api/v1/key-acts", "/can-bo")
    )
    assert '"sign_entry"' in told
    for secret in (spoken(desk, "moi"), spoken(desk, "phuong.binh"), own["fingerprint"]):
        assert secret not in told
        assert secret.replace(" ", "") not in told
    told = binh.get("/api/v1/officers").text + binh.get("/api/v1/key-acts").text
    assert '"hand_key"' in told
    assert spoken(desk, "moi") not in told


def test_the_ward_is_shown_the_digits_to_read_while_its_new_key_waits(desk: Desk) -> None:
    binh = desk.signed_in("phuong.binh")
    fields = token_of(binh.get("/can-bo").text) | {"sure": "yes"}
    binh.post("/khoa/phuong/doi", data=fields)
    (act,) = [one for one in binh.get("/api/v1/key-acts").json() if one["kind"] == "await_signing"]
    assert act["fingerprint"] in binh.get("/can-bo").text


def test_the_top_unit_shows_its_request_for_the_root(desk: Desk) -> None:
    page = desk.signed_in("tinh.an").get("/khoa/yeu-cau").text
    assert "&#34;units&#34;" in page


def test_the_console_shows_the_same_fingerprint_as_the_machine_that_signs(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    an = desk.signed_in("tinh.an")
    asked = an.get("/api/v1/units/own/founding").json()
    assert asked["fingerprint"] in an.get("/khoa/yeu-cau").text
    custody._show(desk.ward.custody.public, RootBody.model_validate_json(asked["request"]))
    assert asked["fingerprint"] in capsys.readouterr().out


def test_the_top_unit_changes_its_key_and_is_shown_what_the_root_must_sign(desk: Desk) -> None:
    an = desk.signed_in("tinh.an")
    fields = token_of(an.get("/can-bo").text) | {"sure": "yes"}
    assert an.post("/khoa/tinh/doi", data=fields).headers["location"] == "/khoa/yeu-cau"
    assert "&#34;epoch&#34;: 2" in an.get("/khoa/yeu-cau").text
    assert "chờ khóa gốc ký" in an.get("/can-bo").text


def test_a_lost_link_is_replaced_at_the_console(desk: Desk) -> None:
    lost = desk.ward.services.people.add_officer(None, "phuong", "moi", "Mới")
    binh = desk.signed_in("phuong.binh")
    act = f"/can-bo/{desk.officer_id('moi')}/lien-ket"
    page = binh.get("/can-bo").text
    assert page.count("/lien-ket") == 1
    shown = binh.post(act, data=token_of(page)).text
    (fresh,) = re.findall(r"/thiet-lap/([\w-]+)", shown)
    browser = desk.browser()
    again = {"token": lost}
    assert browser.post("/api/v1/setup", json=again).status_code == 404
    assert browser.post("/api/v1/setup", json={"token": fresh}).status_code == 200
    taken = f"/can-bo/{desk.officer_id('phuong.chi')}/lien-ket"
    assert binh.post(taken, data=token_of(page)).status_code == 409


def test_a_taken_login_is_said_so_and_the_form_stays_as_typed(desk: Desk) -> None:
    admin = desk.signed_in("quantri")
    typed = {"unit_id": "xa", "login": "phuong.binh", "name": 'Vũ "Mới"', "role": "clerk"}
    shown = admin.post("/can-bo", data=typed)
    assert shown.status_code == 200  # what answers with 4xx never repeats what was typed
    assert "Tên đăng nhập này đã có người dùng" in shown.text
    assert "Vừa có thay đổi" not in shown.text
    for kept in ('value="phuong.binh"', 'value="Vũ &#34;Mới&#34;"'):
        assert kept in shown.text
    for chosen in ("xa", "clerk"):
        assert f'<option value="{chosen}" selected>' in shown.text
    assert "/thiet-lap/" in admin.post("/can-bo", data=typed | {"login": "xa.moi"}).text
    refused = admin.post("/api/v1/officers", json=typed)
    assert refused.status_code == 409
    assert refused.json()["code"] == "login_taken"
    assert "phuong.binh" not in refused.text
    assert "selected" not in admin.get("/can-bo").text


@pytest.mark.parametrize("login", ["phuong.binh", "quantri"])
def test_the_help_page_holds_closing_reasons_for_those_who_close(desk: Desk, login: str) -> None:
    page = desk.signed_in(login).get("/tro-giup").text
    assert ("Lý do đóng tin" in page) == (login == "phuong.binh")


def test_a_random_minute_is_spoken_of_only_where_tips_wait_for_one(desk: Desk) -> None:
    officer = desk.signed_in("phuong.binh")
    for minutes in (60, 0):
        desk.app.state.desk.settings.__dict__["release_minutes"] = minutes
        for page in ("/tro-giup", "/hang-tin"):
            assert ("một phút ngẫu nhiên" in officer.get(page).text) == bool(minutes)


def test_what_a_tip_is_marked_with_is_called_signs_and_not_its_words(desk: Desk) -> None:
    desk.tip(what="đang chém nhau, có người cầm dao")
    page = desk.signed_in("phuong.binh").get("/hang-tin").text
    assert "Dấu hiệu: " in page
    assert "Chữ đáng chú ý" not in page
