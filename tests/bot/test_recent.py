"""What is remembered between two steps: sealed rows, for a short while, each handed out once."""

from datetime import timedelta

from bot.recent import LIFE, Recent
from storage.drafts import DraftRow
from tests.clocks import START


def row(name: bytes = b"chat", sealed: bytes = b"words") -> DraftRow:
    return DraftRow(name, 7, "open", sealed, START + timedelta(minutes=30))


def test_what_was_kept_is_handed_out_once() -> None:
    recent = Recent()
    recent.keep(row(), START)
    assert recent.take(b"other", START) is None
    assert recent.take(b"chat", START) == row()
    assert recent.take(b"chat", START) is None
    assert not len(recent)


def test_a_later_row_takes_the_place_of_the_earlier_one() -> None:
    recent = Recent()
    recent.keep(row(), START)
    recent.keep(row(sealed=b"more words"), START)
    assert recent.take(b"chat", START) == row(sealed=b"more words")


def test_nothing_is_remembered_for_longer_than_its_time() -> None:
    recent = Recent()
    recent.keep(row(), START)
    assert recent.take(b"chat", START + LIFE) is None
    recent.keep(row(), START)
    recent.forget(START + LIFE - timedelta(seconds=1))
    assert len(recent) == 1
    recent.forget(START + LIFE)
    assert not len(recent)


def test_the_oldest_is_forgotten_first() -> None:
    recent = Recent(most=2)
    for name in (b"one", b"two", b"three"):
        recent.keep(row(name), START)
    assert recent.take(b"one", START) is None
    assert recent.take(b"three", START) is not None


def test_where_nothing_may_be_kept_nothing_is() -> None:
    recent = Recent(most=0)
    recent.keep(row(), START)
    assert not len(recent)
