"""`homthu reminders`: what would be sent, and when. Sends nothing and touches no database."""

import json
from pathlib import Path
from typing import Annotated, NoReturn

import typer

app = typer.Typer(help="Nhắc hạn: xem trước, không gửi gì.", no_args_is_help=True)


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
    rungs: Annotated[str, typer.Option("--rungs", help="Số ngày trước hạn.")] = "14,7,3,1",
    as_json: Annotated[bool, typer.Option("--json", help="In một dòng JSON.")] = False,
    config: Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")] = None,
) -> None:
    """In các ngày sẽ nhắc cho một hạn, và ngày bắt đầu tính quá hạn."""
    from intake.calendar import read_day
    from intake.errors import HomThuError
    from intake.programme import DAYS_OFF, load_programme
    from intake.settings import load_settings
    from intake.working_days import working_days
    from reminders.calendar import plan_rungs

    try:
        folder = load_settings(config).programmes
        found = load_programme(name, folder)
        named = found.occurrence(found.deadline(deadline), read_day(occurrence))
        ladder = plan_rungs(named, _rungs(rungs), working_days(folder / f"{DAYS_OFF}.toml"))
    except HomThuError as error:
        _stop(str(error))
    send_on = [day.isoformat() for day in ladder.send_on]
    if as_json:
        answer = {"send_on": send_on, "overdue_from": ladder.overdue_from.isoformat()}
        typer.echo(json.dumps(answer))
    else:
        typer.echo(f"Nhắc: {', '.join(send_on)}. Quá hạn từ {ladder.overdue_from.isoformat()}.")


def _rungs(text: str) -> list[int]:
    from intake.errors import NotValid

    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdecimal() and len(part) <= 3 for part in parts):
        raise NotValid("Các bậc nhắc là số ngày trước hạn, cách nhau bằng dấu phẩy: 14,3,1.")
    return [int(part) for part in parts]


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
