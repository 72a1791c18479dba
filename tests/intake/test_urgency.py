"""The suggestion with a new tip: urgent only for danger to life now, never about the sender."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import urgency
from intake.drafts import TipDraft
from intake.urgency import is_urgent, suggest


@pytest.mark.parametrize(
    "text",
    [
        "có người cầm dao doạ giết mọi người",
        "thanh niên ngáo đá đập phá",
        "no bi soc thuoc nam bat dong",
        "nó bất tỉnh rồi",
    ],
)
def test_danger_to_life_that_happens_now_is_urgent(text: str) -> None:
    draft = TipDraft(what=text, when="Đang diễn ra")
    assert suggest(draft).priority == 1
    assert is_urgent(draft)
    assert not is_urgent(draft.model_copy(update={"calm": True}))


def test_danger_that_is_over_is_not_urgent() -> None:
    draft = TipDraft(what="tuần trước có người cầm dao", when="Đã qua")
    assert suggest(draft).priority == 2
    assert not is_urgent(draft)


def test_a_denied_danger_does_not_fire() -> None:
    assert suggest(TipDraft(what="không ai cầm dao cả", when="Đang diễn ra")).words == ()


def test_only_the_words_just_before_a_danger_are_searched_for_a_denial(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Searched from the beginning each time, one form held every resident up for ten seconds."""
    searched: list[str] = []

    class Spy:
        def search(self, text: str, start: int = 0, end: int = 1_000_000) -> object:
            searched.append(text[start:end])
            return True

    monkeypatch.setattr(urgency, "_NOT", Spy())
    assert suggest(TipDraft(what="không ngáo đá " * 500)).words == ()
    assert len(searched) == 500
    assert sum(map(len, searched)) < 100 * 500


@pytest.mark.parametrize("word", ["ăn kẹo", "đá bóng", "cỏ ngoài vườn", "uống nước đá"])
def test_innocent_words_decide_nothing(word: str) -> None:
    suggestion = suggest(TipDraft(what=word))
    assert suggestion.words == ()
    assert suggestion.priority == 3


def test_the_tapped_kind_wins_over_the_words() -> None:
    assert suggest(TipDraft(kind="trong_cay", what="họ bán ma tuý")).kind == "trồng cây"
    assert suggest(TipDraft(what="ho ban ma tuy")).kind == "mua bán"


@given(st.builds(TipDraft, what=st.text(max_size=200), when=st.text(max_size=30)))
def test_every_text_gets_a_bounded_suggestion(draft: TipDraft) -> None:
    suggestion = suggest(draft)
    assert suggestion.priority in {1, 2, 3}
    assert 0 <= suggestion.score <= 100


@given(st.text(max_size=50))
def test_a_contact_left_behind_changes_nothing(contact: str) -> None:
    draft = TipDraft(what="bán ma tuý ở ngõ 12")
    assert suggest(draft) == suggest(draft.model_copy(update={"contact": contact}))


WORDS = st.lists(
    st.sampled_from(["có người", "cầm dao", "không", "ngáo đá", "đang diễn ra", "hôm qua", "ngõ 5"])
).map(" ".join)


@given(WORDS, st.sampled_from(["", "Đang diễn ra", "Hay buổi tối"]), st.booleans())
def test_urgent_is_what_is_suggested_as_urgent_and_not_taken_back(
    what: str, when: str, calm: bool
) -> None:
    draft = TipDraft(what=what, when=when, calm=calm)
    assert is_urgent(draft) == (suggest(draft).priority == 1 and not calm)
