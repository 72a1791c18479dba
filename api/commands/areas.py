"""`homthu areas`, `homthu units`, `homthu posters`: what an administrator lays down by hand.

First form: one at a time. Who receives a tip comes from the signed key list; a unit added here
takes none until the unit above has handed its first officer a key.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from intake.areas import Areas
    from intake.settings import Settings

areas = typer.Typer(help="Địa bàn: tỉnh, xã, phường, tổ dân phố.", no_args_is_help=True)
units = typer.Typer(help="Đơn vị nhận tin.", no_args_is_help=True)
posters = typer.Typer(help="Tờ dán và mã QR.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


@areas.command("list")
def list_areas(config: Config = None) -> None:
    """Liệt kê địa bàn và đơn vị, cấp trên trước."""
    with _opened(config) as (laid, _):
        for depth, area, unit in laid.tree():
            box = f"  ← {unit}" if unit else ""
            typer.echo(f"{'  ' * depth}{area.id}  {area.name}{box}")


@areas.command("add")
def add_area(
    area_id: Annotated[str, typer.Argument(help="Mã, không dùng lại mã cũ.")],
    name: Annotated[str, typer.Argument(help="Tên kèm loại: tổ dân phố số 5.")],
    level: Annotated[str, typer.Option("--level", help="commune hoặc neighbourhood.")],
    parent: Annotated[str, typer.Option("--parent", help="Mã địa bàn cấp trên.")],
    config: Config = None,
) -> None:
    """Thêm một xã, phường hoặc một tổ."""
    with _opened(config) as (laid, _):
        laid.add(area_id, level, parent, name.split(" ")[0], name)
    typer.echo(f"Đã thêm {name}.")


@units.command("add")
def add_unit(
    unit_id: Annotated[str, typer.Argument(help="Mã đơn vị: chữ, số.")],
    name: Annotated[str, typer.Argument(help="Tên đơn vị như in trên màn hình.")],
    area: Annotated[str, typer.Option("--area", help="Mã xã, phường mà đơn vị phụ trách.")],
    parent: Annotated[str, typer.Option("--parent", help="Mã đơn vị cấp trên.")],
    config: Config = None,
) -> None:
    """Thêm một đơn vị; nhận tin sau khi cấp trên trao khoá cho cán bộ đầu tiên."""
    with _opened(config) as (laid, _):
        laid.add_unit(unit_id, name, parent, area)
    typer.echo(f"Đã thêm {name}. Bước sau: homthu officers add, rồi cấp trên bấm Trao khoá.")


@posters.command("add")
def add_poster(
    area: Annotated[str, typer.Argument(help="Mã tổ, xã hoặc phường của tờ dán.")],
    out: Annotated[Path | None, typer.Option("--out", help="Ghi mã QR ra tệp .svg để in.")] = None,
    config: Config = None,
) -> None:
    """Cấp một mã mới cho tờ dán hoặc hòm thư và in địa chỉ của nó."""
    with _opened(config) as (laid, settings):
        code = laid.add_poster(area)
        address = f"{settings.base_url.rstrip('/')}/q/{code}"
    typer.echo(address)
    if out is not None:
        import segno

        segno.make(address, error="m", micro=False).save(str(out), kind="svg", scale=8, border=4)
        typer.echo(f"Đã ghi {out}.")


@posters.command("end")
def end_poster(code: str, config: Config = None) -> None:
    """Thôi dùng một mã: tờ dán mất, rách hoặc đã thay."""
    with _opened(config) as (laid, _):
        laid.end_poster(code)
    typer.echo("Đã thôi dùng mã này.")


@contextmanager
def _opened(config: Path | None) -> "Generator[tuple[Areas, Settings]]":
    from intake.areas import Areas
    from intake.errors import Refused
    from intake.foundation import lay
    from intake.settings import load_settings

    settings = load_settings(config)
    foundation = lay(settings)
    try:
        yield Areas(foundation.intake, foundation.places), settings
    except Refused as error:
        _stop(f"Không làm được: {error}")
    finally:
        foundation.close()


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
