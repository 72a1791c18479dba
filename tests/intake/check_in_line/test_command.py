"""`homthu parse-check-in`: one JSON object for each line, whatever the lines are."""

import json
from typing import Any

from typer.testing import CliRunner

import homthu

FIELDS = ["outcome", "kind", "date", "place", "people", "households", "asks"]


def run(data: bytes, *options: str) -> Any:
    return CliRunner().invoke(homthu.app, ["parse-check-in", *options], input=data)


def answers(data: bytes, on: str = "2025-11-20") -> list[dict[str, Any]]:
    result = run(data, "--on", on, "--json")
    assert result.exit_code == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_each_line_gets_the_documented_fields_in_their_order() -> None:
    told = answers("tuyên truyền 12/11 nhà văn hóa 45 người\nTT+LN 12/11 50 hộ\n".encode())
    assert [list(line) for line in told] == [FIELDS, FIELDS]
    assert told[0] == {
        "outcome": "parsed", "kind": "outreach", "date": "2025-11-12", "place": "nhà văn hóa",
        "people": 45, "households": None, "asks": [],
    }  # fmt: skip
    assert told[1]["asks"] == ["two_kinds"]
    assert told[1]["kind"] is None


def test_empty_broken_and_endless_lines_are_answered_too() -> None:
    data = b"\n\r\n\xff\xfe\xe1\xbb\n" + b"a" * 10_000 + b"\n\x00\x1b\nx"
    told = answers(data)
    assert [line["outcome"] for line in told] == ["not_a_check_in"] * 6


def test_a_byte_order_mark_and_windows_line_ends_change_nothing() -> None:
    plain = answers("tuyên truyền 12/11 45 người".encode())
    assert answers("\ufefftuyên truyền 12/11 45 người\r\n".encode()) == plain


def test_the_day_decides_what_lies_ahead() -> None:
    line = "tuyên truyền 12/11 45 người".encode()
    assert answers(line, "2025-11-11")[0]["asks"] == ["future_date"]
    assert answers(line, "2025-11-12")[0]["date"] == "2025-11-12"


def test_a_day_that_does_not_exist_is_one_line_and_exit_2() -> None:
    result = run(b"x", "--on", "2025-11-31", "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1


def test_without_json_the_answer_is_words() -> None:
    result = run("tuyên truyền 12/11 NVH 45".encode(), "--on", "2025-11-20")
    assert "outcome=asks" in result.stdout
    assert "people_or_households" in result.stdout
