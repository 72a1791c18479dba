"""`homthu programme`, `homthu deadlines`, `homthu duties`: what the plans ask for, and when.

Read-only and without a database: a programme and a day go in, a table or JSON comes out
(`docs/programmes.md` has every field). An error is one line and exit 2.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from api.commands.programme_words import (
    board_answer,
    board_words,
    duty_words,
    iso,
    source_of,
    span_words,
    standing_answer,
    standing_words,
)

if TYPE_CHECKING:
    from intake.plans.deadlines import Board
    from intake.plans.programme import Programme

programme = typer.Typer(help="Chương trình: kế hoạch thành dữ liệu.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="PROGRAMME", help="Mã, thí dụ hanoi-265-2024.")]
Json = Annotated[bool, typer.Option("--json", help="In một dòng JSON.")]
Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]
On = Annotated[str | None, typer.Option("--on", help="Tính vào ngày này; bỏ trống là hôm nay.")]


@programme.command("check")
def check(file: Annotated[Path, typer.Argument(metavar="FILE", help="Tệp TOML.")]) -> None:
    """Kiểm một tệp chương trình, hoặc tệp riêng của đơn vị: mỗi lỗi một dòng, kèm cách sửa."""
    from intake.plans.programme import faults_of

    with _one_line():
        faults = faults_of(file)
    for fault in faults:
        typer.echo(fault.on(str(file)), err=True)
    if faults:
        raise typer.Exit(2)
    typer.echo("Tệp đúng.")


@programme.command("list")
def list_programmes(config: Config = None) -> None:
    """Liệt kê các chương trình có sẵn và của đơn vị."""
    from intake.plans.programme import load_programme, programme_ids

    with _one_line():
        folder = _own_folder(config)
        for programme_id in programme_ids(folder):
            typer.echo(f"{programme_id:24} {load_programme(programme_id, folder).plan.title}")


@programme.command("show")
def show(name: Name, config: Config = None) -> None:
    """In hạn, việc, mục chưa đặt ngày, cơ quan chưa chỉ định và điều lưu ý của một chương trình."""
    with _one_line():
        found = _programme(name, config)
    typer.echo(f"{found.plan.title}\n{found.plan.note or ''}".rstrip())
    _section("Hạn", [f"{d.title} ({source_of(found, d)})" for d in found.deadlines])
    _section("Việc", [duty_words(found, d) for d in found.duties if found.is_on(d)])
    _section("Việc chưa bật", [duty_words(found, d) for d in found.duties if not found.is_on(d)])
    _section("Chưa đặt ngày", [f"{item.what} ({item.cite})" for item in found.undated])
    _section("Chưa chỉ định (cơ quan không còn)", [role.name for role in found.unset_roles()])
    _section("Điều cần lưu ý", [f"{d.text} ({d.cite})" for d in found.plan.discrepancy])


def deadlines(
    name: Name,
    *,
    on: On = None,
    filed: Annotated[
        list[str] | None, typer.Option("--filed", metavar="ID:DATE", help="Đã gửi; lặp lại được.")
    ] = None,
    period_of: Annotated[
        str | None, typer.Option("--period-of", metavar="ID", help="Hỏi kỳ số liệu của một hạn.")
    ] = None,
    deadline: Annotated[
        str | None, typer.Option("--deadline", metavar="ID", help="Hỏi đúng hạn hay muộn.")
    ] = None,
    occurrence: Annotated[
        str | None, typer.Option("--occurrence", metavar="DATE", help="Ngày ghi trong văn bản.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="MOMENT", help="Lúc gửi, có múi giờ.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """In hạn sắp tới và hạn đã quá của một chương trình; hoặc kỳ số liệu, đúng hạn hay muộn."""
    with _one_line():
        found = _programme(name, config)
        if period_of is not None:
            answer = _covered(found, period_of, _needed(occurrence, "--occurrence"))
            words = f"Kỳ số liệu: {span_words(answer['from'], answer['to'])}"
        elif deadline is not None:
            answer = _on_time(
                found, deadline, _needed(occurrence, "--occurrence"), _needed(at, "--at")
            )
            words = "Đúng hạn." if answer["on_time"] else "Muộn."
        else:
            board = _board(found, _day(on), filed or [], config)
            answer, words = board_answer(board), board_words(found, board)
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else words)


def duties(
    name: Name,
    *,
    duty: Annotated[str | None, typer.Option("--duty", metavar="ID", help="Mã của việc.")] = None,
    done: Annotated[
        str, typer.Option("--done", metavar="DATE,DATE", help="Các ngày đã làm, hoặc none.")
    ] = "none",
    on: On = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """In một việc định kỳ đã đủ chưa: kỳ này và kỳ trước."""
    from intake.plans.duties import stand

    with _one_line():
        found = _programme(name, config)
        wanted = found.duty(_needed(duty, "--duty"))
        standing = stand(found, wanted, _days(done), _day(on))
    answer = standing_answer(standing)
    words = standing_words(wanted, standing)
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else words)


# --- reading --------------------------------------------------------------------------------------


def _own_folder(config: Path | None) -> Path:
    from intake.settings import load_settings

    return load_settings(config).programmes


def _programme(name: str, config: Path | None) -> "Programme":
    from intake.plans.programme import load_programme

    return load_programme(name, _own_folder(config))


def _day(text: str | None) -> date:
    from intake.plans.calendar import read_day
    from intake.ports import SystemClock

    return read_day(text) if text is not None else SystemClock().today()


def _days(text: str) -> list[date]:
    from intake.plans.calendar import read_day

    if text.strip() in {"", "none"}:
        return []
    return [read_day(day) for day in text.split(",")]


def _needed(value: str | None, option: str) -> str:
    from intake.errors import NotValid

    if value is None:
        raise NotValid(f"Câu hỏi này cần thêm {option}.")
    return value


# --- asking ---------------------------------------------------------------------------------------


def _board(found: "Programme", on: date, filed: list[str], config: Path | None) -> "Board":
    from intake.plans.deadlines import board_on
    from intake.plans.programme import DAYS_OFF
    from intake.plans.working_days import working_days

    days = working_days(_own_folder(config) / f"{DAYS_OFF}.toml")
    return board_on(found, on, days, _filed(found, filed))


def _filed(found: "Programme", filed: list[str]) -> dict[str, list[date]]:
    from intake.plans.calendar import read_day

    days: dict[str, list[date]] = {}
    for entry in filed:
        item, _, day = entry.rpartition(":")
        days.setdefault(found.deadline(item).id, []).append(read_day(day))
    return days


def _covered(found: "Programme", item: str, named_on: str) -> dict[str, str | None]:
    from intake.plans.calendar import read_day

    deadline = found.deadline(item)
    covered = found.covers(deadline, found.occurrence(deadline, read_day(named_on)))
    first, last = covered or (None, None)
    return {"from": iso(first), "to": iso(last)}


def _on_time(found: "Programme", item: str, named_on: str, at: str) -> dict[str, bool]:
    from intake.plans.calendar import read_day, read_moment

    moment = read_moment(at)
    occurrence = found.occurrence(found.deadline(item), read_day(named_on))
    return {"on_time": occurrence.is_on_time(moment)}


def _section(title: str, lines: list[str]) -> None:
    if lines:
        typer.echo("\n".join([f"\n{title}", *(f"  - {line}" for line in lines)]))


@contextmanager
def _one_line() -> "Generator[None]":
    """Turn an expected error into one line and exit 2."""
    from intake.errors import HomThuError
    from intake.upkeep.operator_words import in_vietnamese

    try:
        yield
    except HomThuError as error:
        _stop(in_vietnamese(error))


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
