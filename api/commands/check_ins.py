"""`homthu parse-check-in`: what the parser reads in each line of standard input.

For anyone's own corpus: it needs no settings and no database, files nothing and keeps nothing. One
line in, one answer out, in the same order; an error is one line and exit 2.
"""

import json
import sys
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from intake.check_in_line import ReadLine


def parse_check_in(
    *,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="Dòng được gõ ngày này; bỏ trống là hôm nay."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Mỗi dòng vào, một dòng JSON.")] = False,
) -> None:
    """Đọc từng dòng ghi việc từ đầu vào chuẩn và in điều máy hiểu; không lưu gì."""
    from intake.check_in_line import read_line

    day = _day(on)
    for text in _lines():
        read = read_line(text, day)
        told = json.dumps(answer(read), ensure_ascii=False) if as_json else _words(read)
        typer.echo(told)


def answer(read: "ReadLine") -> dict[str, Any]:
    """Return the documented fields, in the documented order."""
    return {
        "outcome": read.outcome,
        "kind": read.kind,
        "date": read.done_on.isoformat() if read.done_on else None,
        "place": read.place,
        "people": read.people,
        "households": read.households,
        "asks": list(read.asks),
    }


def _lines() -> Iterator[str]:
    """Yield the lines of standard input; what is no UTF-8 becomes a sign that nothing reads."""
    for line in sys.stdin.buffer:
        yield line.rstrip(b"\r\n").decode("utf-8", errors="replace")


def _day(text: str | None) -> date:
    from intake.errors import HomThuError
    from intake.plans.calendar import read_day
    from intake.ports import SystemClock

    try:
        return read_day(text) if text is not None else SystemClock().today()
    except HomThuError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


def _words(read: "ReadLine") -> str:
    told = [f"{name}={value}" for name, value in answer(read).items() if value and name != "asks"]
    return " · ".join([*told, *([f"hỏi: {', '.join(read.asks)}"] if read.asks else [])])
