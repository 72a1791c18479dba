"""Every promise sentence against the configuration: what is false is refused at start-up."""

import pytest

from bot.channels.base import Capabilities
from bot.promises import CONDITIONS, check_promises
from bot.wording import DEFAULT, Wording
from intake.errors import FalsePromise, Misconfigured
from intake.settings import Settings

WORDING = Wording.load()


def channel(name: str = "telegram", *, deletes: bool = True, push: bool = True) -> Capabilities:
    return Capabilities(
        name=name,
        buttons=True,
        deletes=deletes,
        media=True,
        push=push,
        max_text=4096,
        max_media_bytes=1,
        anonymity_text=f"an_danh.{name}",
    )


def settings(**changes: object) -> Settings:
    return Settings(**({"proxy_logs_off": True} | changes))  # type: ignore[arg-type]


def test_every_promise_names_a_sentence_and_conditions_that_exist() -> None:
    says = WORDING.language(DEFAULT).says
    assert WORDING.promises
    for key, conditions in WORDING.promises.items():
        assert key in says
        assert conditions
        assert set(conditions) <= set(CONDITIONS)


def test_every_honest_sentence_of_a_channel_is_a_promise() -> None:
    honest = {key for key in WORDING.language(DEFAULT).says if key.startswith("an_danh.")}
    assert honest <= set(WORDING.promises)


def test_every_sentence_that_says_what_is_not_kept_or_deleted_is_a_promise() -> None:
    """A sentence in the present about storage or deletion has to be mapped, or be about one act."""
    about_one_act = {
        "an_danh_tai_khoan_cong_viec", "chua_luu", "khong_dong_y", "chua_dong_y", "tat_bao",
        "da_huy", "da_thoat", "het_phien", "da_xoa.tu_xoa", "da_chep.tu_xoa", "anh_da_nhan",
        "tro_giup", "gap", "lien_he", "co_lien_he",
    }  # fmt: skip
    marks = ("không lưu", "không ghi lại", "niêm phong", "tự xóa", "đang xóa", "xóa thông tin ẩn",
             "khóa riêng", "đã khóa", "giữ địa chỉ")  # fmt: skip
    for key, template in WORDING.language(DEFAULT).says.items():
        text = "".join(piece for _, pieces in template.clauses for piece in pieces)
        if any(mark in text for mark in marks) and key not in about_one_act:
            assert key in WORDING.promises, key


def test_an_honest_installation_starts() -> None:
    check_promises(WORDING, settings(), [channel(), channel("web", deletes=False, push=False)])
    check_promises(WORDING, settings(demo=True, proxy_logs_off=False), [channel("demo")])
    check_promises(WORDING, settings(push_notices=True, named_tips=True), [channel()])


def test_a_chat_that_cannot_delete_may_not_promise_to() -> None:
    with pytest.raises(FalsePromise, match=r"an_danh\.telegram .* deletes_messages"):
        check_promises(WORDING, settings(), [channel(deletes=False)])


def test_a_page_behind_a_logging_proxy_may_not_say_that_no_address_is_recorded() -> None:
    with pytest.raises(FalsePromise, match="no_network_address_logged"):
        check_promises(WORDING, settings(proxy_logs_off=False), [channel("web", deletes=False)])


def test_the_demo_may_not_promise_custodians_and_nothing_else_may_call_itself_a_demo() -> None:
    with pytest.raises(FalsePromise, match="xin_bao_ve"):
        check_promises(WORDING, settings(demo=True, named_tips=True), [channel("demo")])
    with pytest.raises(FalsePromise, match="is_demo"):
        check_promises(WORDING, settings(), [channel("demo")])


def test_a_false_promise_stops_the_start() -> None:
    assert issubclass(FalsePromise, Misconfigured)
