"""`homthu upgrade` and `homthu doctor`: the schema, and how the installation does.

The doctor reads and reports; it changes nothing and shows nothing of any tip.
"""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


def upgrade(config: Config = None) -> None:
    """Đưa cơ sở dữ liệu lên lược đồ mà bản này cần."""
    from intake.settings import load_settings
    from intake.upkeep.backups import is_half_restored
    from storage.database import Database

    database = Database(load_settings(config).database)
    try:
        if is_half_restored(database):
            typer.echo("Khôi phục dở dang: chạy lại homthu backup restore.", err=True)
            raise typer.Exit(2)
        database.upgrade()
    finally:
        database.close()
    typer.echo("Cơ sở dữ liệu đã đúng lược đồ.")


def doctor(config: Config = None) -> None:
    """Khám máy: khóa, danh sách khóa, lược đồ, việc nền. Thoát 1 khi có điều cần làm."""
    from intake.settings import load_settings
    from intake.upkeep.doctor import examine

    findings = examine(load_settings(config))
    for finding in findings:
        typer.echo(f"{'ĐƯỢC ' if finding.good else 'CẦN LÀM'}  {finding.says}")
    raise typer.Exit(0 if all(finding.good for finding in findings) else 1)
