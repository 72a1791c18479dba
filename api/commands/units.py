"""`homthu units`, `homthu posters`: who receives tips, and the sheets that lead people there.

Who receives a tip comes from the signed key list; a unit added here takes none until the unit above
has handed its first officer a key.
"""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.areas import Config, opened

units = typer.Typer(help="Đơn vị nhận tin.", no_args_is_help=True)
posters = typer.Typer(help="Tờ dán và mã QR.", no_args_is_help=True)


@units.command("list")
def list_units(config: Config = None) -> None:
    """Liệt kê đơn vị: mã đơn vị, tên, mã địa bàn, mã đơn vị cấp trên."""
    with opened(config) as (laid, _):
        for unit in laid.units():
            above = f"  dưới {unit.parent_id}" if unit.parent_id else ""
            typer.echo(f"{unit.id}  {unit.name}  địa bàn {unit.area_id}{above}")


@units.command("add")
def add_unit(
    unit_id: Annotated[str, typer.Argument(help="Mã đơn vị: chữ, số.")],
    name: Annotated[str, typer.Argument(help="Tên đơn vị như in trên màn hình.")],
    area: Annotated[str, typer.Option("--area", help="Mã xã, phường mà đơn vị phụ trách.")],
    parent: Annotated[str, typer.Option("--parent", help="Mã đơn vị cấp trên.")],
    config: Config = None,
) -> None:
    """Thêm một đơn vị; nhận tin sau khi cấp trên trao khóa cho cán bộ đầu tiên."""
    with opened(config) as (laid, _):
        laid.add_unit(unit_id, name, parent, area)
    typer.echo(f"Đã thêm {name}. Bước sau: homthu officers add, rồi cấp trên bấm Trao khóa.")


@posters.command("add")
def add_poster(
    area: Annotated[str, typer.Argument(help="Mã tổ, xã hoặc phường của tờ dán.")],
    out: Annotated[Path | None, typer.Option("--out", help="Ghi mã QR ra tệp .svg để in.")] = None,
    config: Config = None,
) -> None:
    """Cấp một mã mới cho tờ dán hoặc hòm thư và in địa chỉ của nó."""
    with opened(config) as (laid, settings):
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
    with opened(config) as (laid, _):
        laid.end_poster(code)
    typer.echo("Đã thôi dùng mã này.")
