"""The suggestion with a new tip: urgent only for danger to life now, never about the sender."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake import english_danger, urgency
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


@pytest.mark.parametrize(
    "text",
    [
        "He has a knife and is threatening to kill someone right now",
        "he has a gun right now",
        "A man is waving a long kitchen knife at this moment",
        "he isn't breathing, it is happening now",
        "a boy overdosed just now",
        "he is holding his wife hostage now",
        "they are stabbing a man right now",
        "not sure what he wants, he has a machete right now",
        "don't wait, he has a gun right now",
        "no có súng, he has a gun now",
    ],
)
def test_danger_to_life_in_english_is_urgent_too(text: str) -> None:
    assert suggest(TipDraft(what=text)).priority == 1
    assert is_urgent(TipDraft(what=text))


@pytest.mark.parametrize(
    "text",
    [
        "he has no knife, they sell right now",
        "he does not have a gun, they sell right now",
        "nobody has a knife, they sell right now",
        "he isn't really holding a knife right now",
        "there was no overdose, they sell pills right now",
        "yesterday he had a knife",
        "he had a gun until now",
        "he sells pills right now",
        "they are shooting up heroin right now",
    ],
)
def test_denied_past_or_lesser_danger_in_english_is_not_urgent(text: str) -> None:
    assert not is_urgent(TipDraft(what=text))


def test_english_words_of_danger_repeat_nothing_without_a_bound() -> None:
    """What is bounded costs the same at every letter: 8,000 of them never stop the others."""
    patterns = (*english_danger.DANGER.values(), english_danger.NOT, english_danger.NOW)
    assert english_danger.DANGER.keys() == urgency._DANGER.keys()
    assert not any(re.search(r"[*+]|,\}", pattern) for pattern in patterns)


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
