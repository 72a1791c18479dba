"""`homthu reminders`: what would be sent and when, and the switch of all of it. Sends nothing."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from intake.service import Intake

app = typer.Typer(help="Nhắc hạn: xem trước, dừng gửi, cho chạy lại.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


@app.callback()
def _reminders() -> None:
    """Giữ nhóm lệnh, vì typer gộp nhóm chỉ có một lệnh."""


@app.command("plan")
def plan(
    name: Annotated[str, typer.Argument(metavar="PROGRAMME", help="Mã chương trình.")],
    *,
    deadline: Annotated[str, typer.Option("--deadline", metavar="ID", help="Mã của hạn.")],
    occurrence: Annotated[
        str, typer.Option("--occurrence", metavar="DATE", help="Ngày ghi trong văn bản.")
    ],
    rungs: Annotated[
        str | None, typer.Option("--rungs", help="Số ngày trước hạn; bỏ trống: bậc nhắc của hạn.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="In một dòng JSON.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")] = None,
) -> None:
    """In các ngày sẽ nhắc cho một hạn, và ngày bắt đầu tính quá hạn."""
    from intake.errors import HomThuError
    from intake.plans.calendar import read_day
    from intake.plans.programme import DAYS_OFF, load_programme
    from intake.plans.working_days import working_days
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese
    from reminders.calendar import plan_rungs
    from reminders.ladders import load_ladders

    try:
        folder = load_settings(config).programmes
        found = load_programme(name, folder)
        named = found.occurrence(found.deadline(deadline), read_day(occurrence))
        rule = load_ladders(folder).of_deadline(found, found.deadline(deadline))
        wanted = rule.rungs if rungs is None else _rungs(rungs)
        ladder = plan_rungs(named, wanted, working_days(folder / f"{DAYS_OFF}.toml"))
    except HomThuError as error:
        _stop(in_vietnamese(error))
    send_on = [day.isoformat() for day in ladder.send_on]
    if as_json:
        answer = {"send_on": send_on, "overdue_from": ladder.overdue_from.isoformat()}
        typer.echo(json.dumps(answer))
    else:
        typer.echo(f"Nhắc: {', '.join(send_on)}. Quá hạn từ {ladder.overdue_from.isoformat()}.")


@app.command("preview")
def preview(
    *,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="Ngày muốn xem.")],
    area: Annotated[
        str | None, typer.Option("--area", help="Mã địa bàn; bỏ trống: tất cả.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="In một dòng JSON.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")] = None,
) -> None:
    """In ai sẽ nhận gì trong một ngày, tính theo lúc này. Không gửi và không xếp lịch gì."""
    from intake.nudging.pushing import push_channels
    from intake.plans.calendar import read_day
    from intake.settings import load_settings
    from reminders.joining import Reminders
    from reminders.printing import as_facts, as_lines

    settings = load_settings(config)
    with _intake(config) as intake:
        reminders = Reminders(intake, settings, push_channels(settings))
        found = reminders.preview.on(read_day(on), area)
    if as_json:
        typer.echo(json.dumps(as_facts(found), ensure_ascii=False))
    else:
        for line in as_lines(found):
            typer.echo(line)


@app.command("stop")
def stop(config: Config = None) -> None:
    """Dừng mọi tin nhắc, ở mọi nơi, kể cả tin đang chờ. Ghi vào sổ."""
    from intake.nudging.stops import stop_all

    with _intake(config) as intake:
        done = stop_all(intake)
    typer.echo(
        "Đã dừng mọi tin nhắc. Cho chạy lại: homthu reminders resume"
        if done
        else "Mọi tin nhắc đã dừng từ trước. Cho chạy lại: homthu reminders resume"
    )


@app.command("resume")
def resume(config: Config = None) -> None:
    """Cho chạy lại sau khi dừng ở mọi nơi. Nơi nào tự dừng thì vẫn dừng. Ghi vào sổ."""
    from intake.nudging.stops import resume_all, stops_seen

    with _intake(config) as intake:
        done = resume_all(intake)
        with intake.read() as view:
            left = [each.area_name for each in stops_seen(view, None)]
    typer.echo(
        "Đã cho chạy lại: việc nào còn cần nhắc được tính lại từ bây giờ."
        if done
        else "Nhắc hạn không bị dừng ở mọi nơi: không có gì để cho chạy lại."
    )
    if left:
        typer.echo(f"Vẫn dừng riêng ở: {', '.join(left)} (nơi đó tự cho chạy lại).")


@contextmanager
def _intake(config: Path | None) -> "Generator[Intake]":
    """Open the installation's database; a fault ends the command with one line and exit 2."""
    from intake.errors import HomThuError
    from intake.ports import SystemClock
    from intake.service import Intake
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese
    from storage.database import Database

    settings = load_settings(config)
    database = Database(settings.database)
    try:
        intake = Intake(database, SystemClock())
        intake.check_schema(settings.upgrade_command)
        yield intake
    except HomThuError as error:
        _stop(in_vietnamese(error))
    finally:
        database.close()


def _rungs(text: str) -> list[int]:
    from intake.errors import NotValid

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) <= 3 for part in parts):
        raise NotValid("Các bậc nhắc là số ngày trước hạn, cách nhau bằng dấu phẩy: 14,3,1.")
    return [int(part) for part in parts]


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
