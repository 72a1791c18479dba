"""The reviewed lines: nothing is read wrongly in silence, and the table in docs says the truth."""

import re
from pathlib import Path

import pytest

from intake.check_in_line import read_line
from intake.check_in_line.kinds import KINDS
from tests.intake.check_in_line.measure import (
    CORPORA,
    Expected,
    corpus,
    judge,
    table,
    unmarked,
    verdicts,
)

DOCS = Path(__file__).resolve().parents[3] / "docs" / "check-in-line.md"
TABLE = re.compile(r"<!-- table: .*? -->\n(.*?)\n<!-- end -->", re.DOTALL)


@pytest.mark.parametrize("name", CORPORA)
def test_no_line_is_read_wrongly_in_silence(name: str) -> None:
    wrong = [wanted.line for verdict, wanted, _ in verdicts(name) if verdict == "silently wrong"]
    assert wrong == []


@pytest.mark.parametrize("name", CORPORA)
def test_every_line_is_read_as_its_reviewer_read_it(name: str) -> None:
    other = [(told, wanted.line) for told, wanted, _ in verdicts(name) if told != "right"]
    assert other == []


def test_the_table_in_the_docs_is_the_one_measured() -> None:
    found = TABLE.search(DOCS.read_text(encoding="utf-8"))
    assert found is not None
    assert found[1] == table()


def test_the_corpora_are_as_large_as_is_said() -> None:
    lines = {name: len(corpus(name)) for name in CORPORA}
    assert sum(lines.values()) >= 300
    assert lines["held_out"] >= 100
    texts = [(wanted.line, wanted.on) for name in CORPORA for wanted in corpus(name)]
    assert len(texts) - len(set(texts)) <= 20


def test_every_kind_and_every_ask_occurs_in_the_corpora() -> None:
    read = [got for name in CORPORA for _, _, got in verdicts(name)]
    assert {got.kind for got in read if got.outcome == "parsed"} >= set(KINDS)
    asked = {ask for got in read for ask in got.asks}
    assert asked == {
        "kind", "two_kinds", "date", "future_date", "number", "people_or_households", "unit",
        "two_units", "other",
    }  # fmt: skip


def test_the_measure_calls_a_wrong_field_wrong() -> None:
    read = read_line("tuyên truyền 12/11 45 người", corpus("corpus")[0].on)
    day = read.done_on
    assert day is not None
    fields = {"line": "", "on": day, "outcome": "parsed", "kind": "outreach", "done_on": day}
    assert judge(Expected(**fields, people=45), read) == "right"
    assert judge(Expected(**fields, people=44), read) == "silently wrong"
    assert judge(Expected("", day, "not_a_check_in"), read) == "silently wrong"


@pytest.mark.parametrize("name", CORPORA)
def test_without_marks_a_line_says_the_same_or_asks(name: str) -> None:
    """Only a bare chat without a kind may be asked about for want of marks."""
    for wanted in corpus(name):
        with_marks, without = (
            read_line(t, wanted.on) for t in (wanted.line, unmarked(wanted.line))
        )
        for field in ("kind", "done_on", "people", "households"):
            got = getattr(without, field)
            if with_marks.outcome != "not_a_check_in":
                assert got in (None, getattr(with_marks, field)), wanted.line
        if without.outcome == "parsed":
            assert with_marks.outcome == "parsed", wanted.line
