"""`homthu upgrade` and `homthu doctor`: the schema, and how the installation does.

The doctor reads and reports; it changes nothing and shows nothing of any tip.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


def upgrade(config: Config = None) -> None:
    """Đưa cơ sở dữ liệu lên lược đồ mà bản này cần."""
    from intake.settings import load_settings
    from intake.upkeep.backups import is_half_restored
    from intake.upkeep.operator_words import in_vietnamese
    from storage.database import Database
    from storage.errors import SchemaAhead, StorageError

    database = Database(load_settings(config).database)
    try:
        if database.path is not None and not database.path.exists():
            _stop("Chưa thiết lập máy: chạy homthu init.")
        if is_half_restored(database):
            _stop("Khôi phục dở dang: chạy lại homthu backup restore.")
        database.upgrade()
    except SchemaAhead:
        _stop("Cơ sở dữ liệu mới hơn bản chương trình này: cài lại bản mới hơn. Chưa đổi gì.")
    except StorageError as error:
        _stop(f"Chưa đổi gì: {in_vietnamese(error)}.")
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


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
