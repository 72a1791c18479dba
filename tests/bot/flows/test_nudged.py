"""A nudge's words and buttons: short, counted from the day of sending, leading straight to it."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flows import work
from bot.flows.base import Chose, Commanded, Said
from bot.flows.nudge_words import LATER, LOG, SENT, SNOOZE, TROUBLE, given_name, nudge, short_owner
from bot.flows.wish_shapes import AddressAs, Pause, Snooze, Speak, TellTrouble
from bot.flows.work_shapes import AskExemption, Told, WorkDraft, WorkState
from bot.rendering import Voice, render
from bot.wording import Wording
from bot.work import speaking
from intake.nudging.shapes import AreaDigest, NudgeContent, NudgeLine
from tests.bot.flows.test_check_in_never_breaks import FACTS, TODAY, StoryWorld

WORDING = Wording.load()
CONSOLE = "https://ban.example"
LAST = date(2026, 3, 31)
OUTREACH, MEETING = "outreach-n3", "listening_meeting-n3"


def line(days_left: int = 11, **changes: object) -> NudgeLine:
    """Return one owed thing of a leader, some days before its last good day."""
    last = TODAY + timedelta(days=days_left)
    known = NudgeLine(
        subject=b"\x07" * 16, sort="duty", owner_id="n3", owner_name="tổ dân phố số 3",
        title="Tuyên truyền về ma túy", period_label="tháng 3/2026", rung="-14", named_on=None,
        last_good_on=last, safe_on=last, days_left=days_left,
    )  # fmt: skip
    return replace(known, **changes)


def content(*lines: NudgeLine, **changes: object) -> NudgeContent:
    """Return what one nudge holds."""
    known = NudgeContent(
        nudge_id=b"n" * 16, leader_id=b"l" * 16, name="Nguyễn Văn Hòa", address_as="bác",
        language="vi", day=TODAY, lines=lines or (line(),), snooze_on=TODAY + timedelta(days=7),
    )  # fmt: skip
    return replace(known, **changes)


def said(
    held: NudgeContent, language: str = "vi", *, several: bool = False
) -> tuple[str, list[str]]:
    """Return the text of a nudge without its bold marks, and the labels under it."""
    say = speaking.say(nudge(held, CONSOLE, several=several), WORDING, language)
    voice = Voice(language, buttons=True, max_text=4096, trial=False)
    (message,) = render((say,), WORDING, FACTS, voice, "0123abcd")
    assert all(len(choice.token.encode()) <= 64 for choice in message.choices)
    return message.text.replace("**", ""), [choice.label for choice in message.choices]


# --- words ----------------------------------------------------------------------------------------


def test_it_says_how_many_days_are_left_and_offers_four_ways_on() -> None:
    text, labels = said(content())
    assert text.startswith("Bác ơi, còn 11 ngày:")
    assert "hết ngày T3 31/3" in text
    assert labels == ["Ghi ngay", "Đã làm, ghi sau", "Nhắc tôi T6", "Không tổ chức được"]


def test_whoever_looks_after_several_places_reads_which_one_is_meant() -> None:
    assert "Tuyên truyền về ma túy · tổ 3: hết ngày" in said(content(), several=True)[0]
    late = content(line(-2))
    assert "Tuyên truyền về ma túy · tổ 3 đã quá hạn 2 ngày" in said(late, several=True)[0]
    two = content(line(11), line(11, title="Họp lắng nghe"))
    assert said(two, several=True)[0].count("· tổ 3") == 2
    assert "tổ 3" not in said(two)[0]


def test_a_day_that_a_document_names_is_shown_beside_the_last_good_day() -> None:
    named = line(11, named_on=TODAY + timedelta(days=12))
    text, _ = said(content(named))
    assert "hết ngày T3 31/3" in text
    assert "Văn bản ghi trước 1/4, nên ngày 1/4 là muộn" in text
    several, _ = said(content(named, line(11)))
    assert "văn bản ghi trước 1/4" in several


def test_days_off_before_the_last_day_are_said_and_the_count_stays_true() -> None:
    text, _ = said(content(line(2, safe_on=TODAY, last_good_on=TODAY + timedelta(days=2))))
    assert text.startswith("Còn 2 ngày:")
    assert "Nên xong trong hôm nay vì sau đó là ngày nghỉ" in text


def test_near_the_end_a_stand_in_may_be_asked() -> None:
    text, labels = said(content(line(3), stand_in="Trần Thị Lan"))
    assert "bấm [Nhờ Lan]" in text
    assert labels == ["Ghi ngay", "Đã làm, ghi sau", "Nhờ Lan", "Không tổ chức được"]


def test_the_last_day_and_a_late_day_say_so() -> None:
    today, _ = said(content(line(0)))
    assert "Hôm nay là ngày cuối" in today
    assert "Gửi trước 24 giờ đêm nay vẫn đúng hạn" in today
    late, labels = said(content(line(-3), snooze_on=None))
    assert "quá hạn 3 ngày" in late
    assert labels == ["Ghi ngay", "Báo vướng mắc", "Không tổ chức được"]


def test_what_is_late_says_both_days_that_a_document_sets() -> None:
    late, _ = said(content(line(-1, named_on=TODAY), snooze_on=None))
    assert "(hạn: hết ngày T5 19/3, văn bản ghi trước 20/3)" in late


def test_before_tet_it_names_the_break_and_wishes_well() -> None:
    held = content(line(20), holiday=(date(2026, 4, 1), date(2026, 4, 7)))
    text, _ = said(held)
    assert text.startswith("Nghỉ từ 1/4 đến 7/4.")
    assert "Chúc bác và gia đình" in text


def test_one_duty_of_several_neighbourhoods_stands_on_one_line() -> None:
    owed = [line(owner_id=f"n{n}", owner_name=f"tổ dân phố số {n}") for n in (3, 4, 5, 6)]
    text, _ = said(content(*owed, line(title="Phát thanh", owner_id="n3")))
    assert "Tuyên truyền về ma túy · tổ 3 và 3 nơi: hết T3 31/3" in text
    assert "Phát thanh · tổ 3" in text
    assert "việc khác" not in text


def test_what_is_a_day_late_goes_before_what_is_a_month_away_and_after_what_ends_today() -> None:
    late, far, today = line(-1, title="Họp"), line(30, title="Rà soát"), line(0, title="Gặp mặt")
    text, labels = said(content(far, late))
    assert text.index("Họp") < text.index("Rà soát")
    assert labels[1] == "Báo vướng mắc"
    assert said(content(far, late, today))[0].startswith("Hôm nay là ngày cuối")


def test_who_asked_for_it_by_hand_is_named_first() -> None:
    text, _ = said(content(asked_by="Nguyễn Văn Hòa"))
    assert "Nguyễn Văn Hòa nhờ bác việc này:" in text


def test_an_officer_reads_what_is_ready_what_is_missing_and_where_to_go_on() -> None:
    report = line(
        14, sort="deadline", title="Báo cáo 6 tháng", named_on=TODAY + timedelta(days=15),
        ready=(10, 12), missing=("tổ dân phố số 3", "tổ dân phố số 9"),
    )  # fmt: skip
    digest = AreaDigest(
        "D1-01", "phường Hoa Mẫu", "Tuyên truyền", "tháng 3/2026", 10, 12, ("tổ 3",), more=1,
        escalated=("tổ 9",), unset=("Báo cáo năm",), undated=("Ra kế hoạch",), unread_tips=4,
    )  # fmt: skip
    text, labels = said(content(report, digests=(digest,)))
    for expected in (
        "còn 14 ngày, hết ngày T6 3/4 (văn bản ghi trước 4/4)",
        "Đã có 10/12 đơn vị",
        "Còn thiếu: tổ dân phố số 3, tổ dân phố số 9.",
        "phường Hoa Mẫu: đủ 10/12. Còn thiếu: tổ 3, và 1 đơn vị khác.",
        "Quá hạn từ 7 ngày: tổ 9.",
        "Chưa chỉ định: Báo cáo năm.",
        "Chưa đặt ngày: Ra kế hoạch.",
        "Có 4 tin chưa ai xem.",
        CONSOLE,
    ):
        assert expected in text
    assert labels == ["Đã gửi", "Ai còn thiếu", "Nhắc tôi T6"]


def test_a_digest_beside_an_officers_own_duty_speaks_of_both() -> None:
    digest = AreaDigest("D1", "tỉnh Sông Mẫu", "", "", 0, 0, (), unread_tips=1)
    text, labels = said(content(line(2), digests=(digest,), snooze_on=None))
    assert "Việc của bác:" in text
    assert labels == ["Ghi ngay"]


names = st.text("abcđêốiuy ", min_size=1, max_size=120)
lines = st.lists(
    st.builds(
        line, st.integers(-40, 40), title=names, owner_name=names, owner_id=st.sampled_from("ab"),
        need=st.sampled_from((1, 12)), named_on=st.sampled_from((None, LAST)),
        safe_on=st.dates(TODAY - timedelta(3), TODAY + timedelta(3)),
    ),
    min_size=1, max_size=9,
)  # fmt: skip


@pytest.mark.parametrize("language", WORDING.languages)
@given(lines, names, st.booleans(), st.one_of(st.just(""), names), st.booleans())
def test_a_leaders_nudge_always_fits_a_small_screen(
    language: str, owed: list[NudgeLine], name: str, tet: bool, other: str, several: bool
) -> None:
    held = content(
        *owed, stand_in=name, asked_by=other, address_as="chị",
        holiday=(date(2026, 12, 28), date(2026, 12, 31)) if tet else None,
    )  # fmt: skip
    text, labels = said(held, language, several=several)
    assert len(text) < 300
    assert 0 < len(labels) <= 4
    assert all(len(label) <= 20 for label in labels)


@pytest.mark.parametrize("language", WORDING.languages)
@pytest.mark.parametrize("tet", [True, False])
@pytest.mark.parametrize("other", ["", "Nguyễn Hoàng Phương Thảo Nguyên"])
def test_the_longest_names_there_are_fit_with_every_extra_line(
    language: str, tet: bool, other: str
) -> None:
    for count, late, need, named_on in product((1, 2, 3, 9), (0, 30), (1, 12), (None, LAST)):
        owed = [
            line(
                8 + at - late, title=f"{at}" + "W" * 99, owner_name=f"{at}" + "W" * 99,
                owner_id=str(at), need=need, named_on=named_on, safe_on=TODAY + timedelta(1),
            )
            for at in range(count)
        ]  # fmt: skip
        held = content(
            *owed, stand_in="W" * 40, asked_by=other, address_as="chị",
            holiday=(date(2026, 12, 28), date(2026, 12, 31)) if tet else None,
        )  # fmt: skip
        assert len(said(held, language, several=True)[0]) < 300


def test_neighbourhoods_and_people_are_called_for_short() -> None:
    assert short_owner("tổ dân phố số 12") == "tổ 12"
    assert short_owner("thôn Phú Ổ") == "thôn Phú Ổ"
    assert given_name("Trần Thị Lan") == "Lan"
    assert given_name("") == ""


# --- buttons --------------------------------------------------------------------------------------


class Chat:
    """One leader's conversation, whose acts succeed."""

    def __init__(self, **state: object) -> None:
        self.world = StoryWorld()
        self.state = WorkState().but(**state)
        self.acts: list[object] = []
        self.keys: list[str] = []

    def does(self, *events: Chose | Said | Commanded) -> "Chat":
        for event in events:
            step = work.hear(self.state, event, self.world)
            self.keys = [tell.key for tell in step.says]
            while step.act is not None:
                self.acts.append(step.act)
                step = work.hear(step.state, Told(), self.world)
                self.keys += [tell.key for tell in step.says]
            self.state = step.state
        return self


def test_log_it_now_leads_into_the_check_in_of_that_neighbourhood_and_kind() -> None:
    chat = Chat().does(Chose(f"{LOG}listening_meeting-n4"))
    assert chat.state.draft is not None
    assert (chat.state.draft.owner_id, chat.state.draft.kind) == ("n4", "listening_meeting")
    assert chat.keys == ["hoi_ngay"]


def test_what_is_done_and_logged_later_is_left_alone_until_the_day_before_the_last() -> None:
    chat = Chat().does(Chose(f"{LATER}{OUTREACH}"))
    assert chat.acts == [Snooze(LAST - timedelta(days=1))]
    assert chat.keys == ["da_de_sau"]
    near = Chat()
    near.world.today = LAST
    assert near.does(Chose(f"{LATER}{OUTREACH}")).acts == []
    assert near.keys == ["ghi_hom_nay"]


def test_remind_me_on_a_day_snoozes_and_a_day_that_is_past_shows_the_work() -> None:
    chat = Chat().does(Chose(f"{SNOOZE}20260327"))
    assert chat.acts == [Snooze(date(2026, 3, 27))]
    assert chat.keys == ["da_hen"]
    for passed in ("20260320", "20250101", "99999999", ""):
        assert Chat().does(Chose(f"{SNOOZE}{passed}")).keys[0] == "hen_qua_roi"


def test_what_cannot_be_held_asks_for_the_reason_of_that_very_duty() -> None:
    chat = Chat().does(Chose(f"@mien.{MEETING}"))
    assert chat.keys == ["khong_to_chuc_vi_sao"]
    chat.does(Chose("nghi_mua_bao"))
    assert chat.acts == [AskExemption(MEETING, "nghi_mua_bao")]


def test_what_stands_in_the_way_is_told_to_the_ward_and_names_nobody() -> None:
    chat = Chat().does(Chose(f"{TROUBLE}{OUTREACH}"), Said("anh Tuấn nhà số 5 bán ma túy", "m"))
    assert chat.keys == ["khong_ten"]
    assert chat.acts == []
    chat = Chat().does(Chose(f"{TROUBLE}{OUTREACH}"), Said("chưa có kinh phí in tờ rơi", "m"))
    assert chat.acts == [TellTrouble(OUTREACH, "chưa có kinh phí in tờ rơi")]
    assert chat.keys == ["da_bao_vuong"]


def test_a_button_about_something_that_is_done_says_so_and_shows_the_rest() -> None:
    for stem in (LOG, LATER, "@mien.", "@nho.", TROUBLE):
        assert Chat().does(Chose(f"{stem}khong-con")).keys[0] == "viec_da_xong"


def test_a_button_of_a_nudge_never_takes_the_place_of_an_open_draft() -> None:
    draft = WorkDraft(owner_id="n3", kind="outreach", done_on=TODAY)
    for stem in (LOG, LATER, SNOOZE, "@mien.", "@nho.", TROUBLE, SENT):
        chat = Chat(draft=draft).does(Chose(f"{stem}{OUTREACH}"))
        assert chat.keys == ["con_nhap"]
        assert chat.state.draft == draft
        assert chat.acts == []


def test_only_the_wards_own_chat_marks_a_report_as_sent() -> None:
    assert Chat().does(Chose(f"{SENT}00")).keys == ["danh_dau_o_ban"]


# --- wishes ---------------------------------------------------------------------------------------


def test_a_rest_until_a_day_is_asked_for_in_any_of_three_ways() -> None:
    until = date(2026, 4, 5)
    by_command = Chat().does(Commanded("nghi", "5/4"))
    by_button = Chat().does(Commanded("nghi"), Chose("nghi_den_ngay"), Said("5/4", "m"))
    by_word = Chat().does(Commanded("nghi", "5/4/2026", plain=True))
    for chat in (by_command, by_button, by_word):
        assert chat.acts == [Pause(until)]
        assert chat.keys == ["tam_dung"]


@pytest.mark.parametrize("day", ["19/3/2026", "30/2", "5/4/2027", "1/1/1", "mai"])
def test_a_rest_needs_a_day_to_come_within_three_months(day: str) -> None:
    chat = Chat().does(Commanded("nghi", day))
    assert chat.acts == []
    assert chat.keys == ["ngay_nghi_sai"]


def test_a_day_without_a_year_that_has_passed_is_next_years_and_too_far() -> None:
    assert Chat().does(Commanded("nghi", "19/3")).keys == ["ngay_nghi_sai"]


def test_remind_again_ends_the_rest() -> None:
    for event in (Commanded("nhac"), Chose("nhac_lai")):
        chat = Chat().does(event)
        assert chat.acts == [Pause(None)]
        assert chat.keys == ["da_nhac_lai"]


def test_language_and_form_of_address_are_the_leaders_to_choose() -> None:
    chat = Chat().does(Commanded("nn"), Chose("nn_en"))
    assert chat.acts == [Speak("en")]
    assert chat.state.language == "en"
    chat = Chat().does(Commanded("xungho"), Chose("xh_co"))
    assert chat.acts == [AddressAs("cô")]
    assert chat.keys == ["da_xung_ho"]
