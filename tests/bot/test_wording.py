"""Every sentence in every language: complete, fillable, within limits, saying nothing false."""

import ast
import re
from pathlib import Path

import pytest

from bot.flows import follow_up, tip
from bot.flows.help import MENU
from bot.wording import DEFAULT, FOLDER, NotWorded, Template, Wording
from intake.errors import (
    BadCode,
    BadPicture,
    EmptyTip,
    HomThuError,
    NoOpenUnit,
    TooLong,
    TooMany,
    TryLater,
)
from tests.bot.stories import FACTS
from tests.bot.ward_values import WARD_VALUES
from tests.bot.work_values import ADDRESS, WORK_VALUES

WORDING = Wording.load()
ROOT = Path(__file__).parents[2]
ALWAYS = {name for name, value in FACTS.items() if value is not None}
# What flows hand to each sentence beside the facts of the house.
_RESIDENTS: dict[str, set[str]] = {
    "chao_qr": {"noi"},
    "trung_ten": {"n"},
    "gan_dung_noi": {"noi"},
    "can_bo": {"cap_tren", "noi"},
    "can_bo_khong_ro": {"cap_tren", "noi"},
    "can_bo_trong_tin": {"cap_tren", "noi"},
    "chua_co_hom_thu": {"cap_tren", "noi"},
    "anh_da_nhan": {"n"},
    "anh_thieu_chu": {"n"},
    "du_anh": {"n"},
    "qua_lon_ca_lan": {"mb"},
    "dai_qua": {"n"},
    "chua_nhan_loai_nay": {"loai"},
    "lo_than": {"doan"},
    "lo_than_sua": {"doan"},
    "xem_lai": {"toan_van", "so_anh", "don_vi_nhan", "don_vi_tren"},
    "bien_nhan": {"m1", "m2", "m3", "m4", "m5", "m6", "tu_xoa_sau"},
    "tra_loi": {"noi_dung"},
    "hoi_lai": {"noi_dung"},
    "thu_nhieu_lan": {"so_phut"},
    "qua_nhieu": {"so_phut"},
    "qua_nhieu_anh": {"so_phut"},
    "tu_van": {"tram", "dia_chi_tram", "gio_mo", "so_tu_van"},
}
VALUES = _RESIDENTS | WORK_VALUES | WARD_VALUES
KEYS = sorted(WORDING.language(DEFAULT).says)
LEADERS_KEYS = {
    key
    for key in KEYS
    if WORDING.language(DEFAULT).says[key].names() & ADDRESS or key in WORK_VALUES
}
LONGEST = {
    "xh": "chị",
    "Xh": "Chị",
    "to": "tổ dân phố số 12 Nguy…",
    "ten": "Nguyễn Thị Thanh Phương Thảo",
    "viec": "Bảng đường dây nóng",  # of two kinds at once little is left to be missing
    "ngay": "CN 22/11/2026",
    "thu": "CN",
    "noi": "nhà văn hóa khu dân cư số…",
    "chu_tri": "đ/c Phó Bí thư Đảng…",
    "so": "450 người, 120 hộ",
    "anh": "4 ảnh, có ghi âm",
    "ky": "Kỳ tháng 11/2026: đủ 1/1",
    "con_thieu": "Họp lắng nghe ý kiến nhân… (hạn 30/11) và 4 việc khác",
    "danh_sach": "\n".join(["• Họp lắng nghe ý kiến nhân dân: hết T2 30/11"] * 3),
    "cau_hoi": "x" * 120,
    "tom_tat": "Tuyên truyền + Họp lắng nghe, CN 22/11/2026",
}
BANNED = (
    "tuyệt đối", "100%", "không ai có thể biết", "phải cung cấp họ tên", "trong 24 giờ",
    "phường sẽ gọi lại", "tới gần xác nhận", "theo dõi thêm", "Mã không tồn tại", "chưa ai xem",
)  # fmt: skip

_TO_OFFICERS = "Có **{n}** tin chưa ai xem."
"""Said to those alone who may open tips: a count, never whose."""


@pytest.mark.parametrize("language", WORDING.languages)
@pytest.mark.parametrize("key", KEYS)
def test_every_sentence_can_be_said_with_what_flows_hand_over(language: str, key: str) -> None:
    template = WORDING.language(language).says[key]
    address = ADDRESS if key in LEADERS_KEYS else set[str]()
    allowed = ALWAYS | VALUES.get(key, set()) | address
    assert template.names(needed_only=True) <= allowed
    assert template.names() <= allowed | set(FACTS)
    values = dict.fromkeys(allowed, "x")
    assert WORDING.say(language, key, {**dict.fromkeys(FACTS), **values})


@pytest.mark.parametrize("language", WORDING.languages)
def test_every_language_has_the_same_sentences_labels_and_values(language: str) -> None:
    first, other = WORDING.language(DEFAULT), WORDING.language(language)
    assert other.says.keys() == first.says.keys()
    assert other.labels.keys() == first.labels.keys()
    assert other.things.keys() == first.things.keys()
    assert other.commands.keys() == first.commands.keys()
    assert other.work_commands.keys() == first.work_commands.keys()
    for key in KEYS:
        assert other.says[key].names() - ADDRESS == first.says[key].names() - ADDRESS, key


def test_every_sentence_that_the_code_says_exists_and_none_is_left_over() -> None:
    said = _keys_in_code()
    assert said - set(KEYS) == set()
    templates = "".join(p.read_text() for p in (ROOT / "bot" / "pages").rglob("*.html"))
    unused = {key for key in set(KEYS) - said if f'"{key}"' not in templates}
    assert unused == set()


def test_every_button_that_a_question_offers_has_a_label_and_does_something() -> None:
    labels = set(WORDING.language(DEFAULT).labels)
    taps = {key for flow in (tip, follow_up) for q in flow.QUESTIONS.values() for key in q.taps}
    assert {key for key in taps if not key.startswith("noi_")} <= labels
    assert set(MENU) <= labels


@pytest.mark.parametrize("language", WORDING.languages)
def test_labels_fit_on_a_button(language: str) -> None:
    labels = WORDING.language(language).labels
    assert [label for label in labels.values() if len(label) > 20] == []


@pytest.mark.parametrize("language", WORDING.languages)
def test_bold_marks_are_closed_and_no_sentence_is_long(language: str) -> None:
    for key in KEYS:
        text = "".join(
            piece for _, pieces in WORDING.language(language).says[key].clauses for piece in pieces
        )
        assert text.count("**") % 2 == 0, key
        assert len(text) < 700, key


@pytest.mark.parametrize("language", WORDING.languages)
def test_every_text_to_a_leader_fits_a_small_screen(language: str) -> None:
    """Under 300 letters, whatever stands in it: the longest that the flow hands over."""
    for key in sorted(LEADERS_KEYS):
        values = {name: LONGEST.get(name, "1.234.567") for name in VALUES.get(key, set()) | ADDRESS}
        said = WORDING.say(language, key, {**FACTS, **values})
        assert len(said.replace("**", "")) < 300, (key, len(said))


def test_no_sentence_says_what_must_not_be_said() -> None:
    for path in FOLDER.glob("*.toml"):
        text = path.read_text("utf-8")
        said = text[text.index("[says]") :]
        said = said.replace(_TO_OFFICERS, "")
        assert [phrase for phrase in BANNED if phrase in said] == []


def test_nobody_is_asked_for_a_name_unless_they_asked_for_protection() -> None:
    asking = re.compile(r"(họ tên|căn cước|số điện thoại) (của bạn|bạn) (là gì|\?)")
    for key in KEYS:
        values = dict.fromkeys(VALUES.get(key, set()) | ADDRESS, "x")
        said = WORDING.say(DEFAULT, key, {**FACTS, **values})
        assert not asking.search(said), key


def test_danger_numbers_stand_in_the_danger_card() -> None:
    for language in WORDING.languages:
        card = WORDING.say(language, "nguy_hiem")
        assert all(number in card for number in ("113", "115", "114", "111"))


def test_a_clause_without_its_value_is_left_out_and_a_needed_value_is_demanded() -> None:
    template = Template("A‹ gọi {x}›. {y}")
    assert template.fill({"y": "B"}) == "A. B"
    assert template.fill({"x": "113", "y": "B"}) == "A gọi 113. B"
    with pytest.raises(KeyError):
        template.fill({})
    with pytest.raises(NotWorded, match="lacks n"):
        WORDING.say(DEFAULT, "dai_qua")
    with pytest.raises(NotWorded, match="no sentence"):
        WORDING.say(DEFAULT, "khong_co_cau_nay")
    with pytest.raises(NotWorded, match="no label"):
        WORDING.label(DEFAULT, "khong_co_nut_nay")


def test_a_value_brings_no_formatting_placeholder_or_clause_with_it() -> None:
    said = WORDING.say(DEFAULT, "tra_loi", {"noi_dung": "**to** {hotline} ‹x›"})
    assert "**" not in said
    assert "{hotline} ‹x›" in said


def test_an_unreadable_or_missing_language_file_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(NotWorded, match="no vi"):
        Wording.load(tmp_path)
    (tmp_path / "vi.toml").write_text("name = ")
    with pytest.raises(NotWorded, match=r"vi\.toml"):
        Wording.load(tmp_path)


def test_labels_and_commands_are_understood_without_tone_marks() -> None:
    offered = ("gui", "sua", "huy")
    for typed in ("Gửi", "gui", "GUI", " gửi ", "gu\u031b\u0309i"):
        assert WORDING.choice("vi", offered, typed) == "gui"
    assert WORDING.choice("vi", offered, "bao") is None
    assert WORDING.choice("vi", ("cb_khong", "cb_co"), "ko") == "cb_khong"
    assert WORDING.command("Báo tin") == "bao"
    assert WORDING.command("cancel") == "huy"
    assert WORDING.command("hôm nay") is None


def _keys_in_code() -> set[str]:
    """Return every wording key that stands as a string in the bot's code."""
    strings: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                strings.add(node.value)
    states = {f"trang_thai.{word}" for word in follow_up.STATE_WORDS}
    constants = strings & set(KEYS) | states
    return constants | _first_arguments()


def _first_arguments() -> set[str]:
    """Return what is handed to ``Say`` and its like, known to the wording or not."""
    found: set[str] = set()
    for path in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            at = {"Say": 0, "asking": 0, "NotKept": 0, "refuse": 1}.get(node.func.id)
            if at is None or len(node.args) <= at:
                continue
            argument = node.args[at]
            if isinstance(argument, ast.Constant):
                found.add(str(argument.value))
    return found


@pytest.mark.parametrize("error", [EmptyTip, TooLong, BadCode, BadPicture, NoOpenUnit, TooMany])
def test_the_reason_of_every_refusal_is_a_sentence(error: type[HomThuError]) -> None:
    assert error.wording in KEYS
    assert TryLater.wording in KEYS
