"""`homthu areas`: the places that an administrator lays down, merges and ends.

Areas come one at a time, from the shipped table of the country, or from a list in a file.
"""

import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from intake.country.area_import import AreaImport
    from intake.country.area_preview import Preview, PreviewRow
    from intake.country.areas import Areas
    from intake.foundation import Foundation
    from intake.settings import Settings

_MOST_SHOWN = 100
_ACTS = {"add": "thêm", "change": "sửa", "end": "cho thôi", "same": "giữ nguyên"}

areas = typer.Typer(help="Địa bàn: tỉnh, xã, phường, tổ dân phố.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]
Day = Annotated[str, typer.Option("--on", metavar="DATE", help="Ngày đầu tiên không còn nữa.")]


@areas.command("count")
def count_areas(
    as_json: Annotated[bool, typer.Option("--json", help="In một dòng JSON.")] = False,
) -> None:
    """Đếm tỉnh, xã trong danh mục đi kèm phần mềm; không cần cơ sở dữ liệu."""
    from intake.country.vietnam_places import country

    shipped, counted = country(), country().by_province()
    told = {"provinces": len(shipped.provinces), "communes": len(shipped.communes)}
    if as_json:
        typer.echo(json.dumps({**told, "by_province": counted}))
        return
    typer.echo(f"{told['provinces']} tỉnh, thành phố; {told['communes']} xã, phường, đặc khu")
    for one in shipped.provinces:
        typer.echo(f"  {one.code}  {one.name}: {counted[one.code]}")


@areas.command("country")
def lay_country(
    province: Annotated[
        str | None, typer.Option("--province", metavar="CODE", help="Chỉ một tỉnh, thí dụ 01.")
    ] = None,
    config: Config = None,
) -> None:
    """Đưa tỉnh, xã của cả nước vào cơ sở dữ liệu; chạy lại không đổi gì."""
    with opened(config) as (laid, _):
        added = laid.lay_country(province)
    typer.echo(f"Đã thêm {added.provinces} tỉnh, {added.communes} xã, phường, đặc khu.")


@areas.command("tree")
def tree(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Mã tỉnh, xã hoặc tổ.")],
    config: Config = None,
) -> None:
    """In một địa bàn và mọi thứ bên trong, kể cả đơn vị đã thôi."""
    with opened(config) as (laid, _):
        today = laid.today
        for depth, area, unit in laid.tree(code):
            box = f"  ← {unit.name}, mã đơn vị {unit.id}" if unit else ""
            gone = f"  (thôi từ {_vn(area.valid_to)})" if area.valid_to else ""
            typer.echo(f"{'  ' * depth}{area.id}  {area.name}{gone}{box}")
            for one in laid.organisations.on(area.id, today):
                typer.echo(f"{'  ' * (depth + 1)}{one.id}  {one.name}")


@areas.command("merge")
def merge(
    gone: Annotated[list[str], typer.Argument(metavar="CODE...", help="Mã các đơn vị cũ.")],
    into: Annotated[str, typer.Option("--into", metavar="CODE", help="Mã đơn vị thay thế.")],
    on: Day,
    config: Config = None,
) -> None:
    """Gộp các đơn vị cũ vào một đơn vị đã có, từ một ngày; lịch sử giữ nguyên."""
    with opened(config) as (laid, _):
        laid.merge(gone, into, _day(on))
    typer.echo(f"Đã gộp {len(set(gone))} đơn vị.")


@areas.command("end")
def end(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Mã đơn vị.")],
    on: Day,
    config: Config = None,
) -> None:
    """Cho một đơn vị thôi từ một ngày, không có đơn vị thay thế."""
    with opened(config) as (laid, _):
        laid.end(code, _day(on))
    typer.echo("Đã ghi ngày thôi.")


@areas.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV UTF-8 hoặc .xlsx.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Chỉ xem trước, không ghi.")] = False,
    config: Config = None,
) -> None:
    """Nhập tổ dân phố, thôn và tổ chức từ bảng tính: đúng cả tệp mới ghi."""
    from intake.country.area_import import BY_COMMAND

    try:
        body = file.read_bytes()
    except OSError:
        _stop("Không đọc được tệp; cách sửa: xem đường dẫn và quyền đọc.")
    with _importing(config) as imports:
        seen = imports.preview(body, file.name)
        _show(seen, rows=dry_run)
        if seen.errors:
            raise typer.Exit(2)
        if dry_run or not seen.may_be_taken:
            return
        import_id = imports.take(seen, BY_COMMAND)
    typer.echo(f"Đã nhập. Muốn hoàn tác: homthu areas undo {import_id}")


@areas.command("undo")
def undo(
    import_id: Annotated[str, typer.Argument(metavar="ID", help="Mã lần nhập.")],
    config: Config = None,
) -> None:
    """Hoàn tác một lần nhập: mọi thứ trở lại như trước."""
    from intake.country.area_import import BY_COMMAND

    with _importing(config) as imports:
        imports.undo(import_id, BY_COMMAND)
    typer.echo("Đã hoàn tác.")


@areas.command("imports")
def list_imports(config: Config = None) -> None:
    """Liệt kê những lần nhập gần đây."""
    with _importing(config) as imports:
        for taken in imports.newest():
            state = "đã hoàn tác" if taken.undone_at else "còn hiệu lực"
            typer.echo(f"{taken.id}  {taken.at:%Y-%m-%d %H:%M}Z  {taken.lines} dòng  {state}")


@areas.command("list")
def list_areas(config: Config = None) -> None:
    """Liệt kê địa bàn và đơn vị, cấp trên trước."""
    with opened(config) as (laid, _):
        for depth, area, unit in laid.tree():
            box = f"  ← {unit.name}, mã đơn vị {unit.id}" if unit else ""
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
    with opened(config) as (laid, _):
        laid.add(area_id, level, parent, name.split(" ")[0], name)
    typer.echo(f"Đã thêm {name}.")


@areas.command("zone")
def draw_zone(
    zone_id: Annotated[str, typer.Argument(metavar="CODE", help="Mã vùng: chữ thường, số, gạch.")],
    name: Annotated[str, typer.Argument(help="Tên vùng.")],
    area: Annotated[list[str], typer.Option("--area", metavar="CODE", help="Mã một địa bàn.")],
    config: Config = None,
) -> None:
    """Vẽ một vùng gồm nhiều địa bàn, không theo ranh giới; vẽ lại thì thay bản cũ."""
    with opened(config) as (laid, _):
        laid.zones.draw(zone_id, name, area)
    typer.echo(f"Đã vẽ vùng {name}: {len(set(area))} địa bàn.")


@areas.command("zones")
def list_zones(config: Config = None) -> None:
    """Liệt kê các vùng và địa bàn của chúng."""
    with opened(config) as (laid, _):
        for zone in laid.zones.all():
            typer.echo(f"{zone.id}  {zone.name}: {', '.join(zone.area_ids)}")


@contextmanager
def opened(config: Path | None) -> "Generator[tuple[Areas, Settings]]":
    """Open the areas and settings of an installation; a refusal ends in one line and exit 2."""
    from intake.country.areas import Areas

    with _founded(config) as (foundation, settings):
        yield Areas(foundation.intake, foundation.places), settings


@contextmanager
def _importing(config: Path | None) -> "Generator[AreaImport]":
    from intake.country.area_import import AreaImport

    with _founded(config) as (foundation, _):
        yield AreaImport(foundation.intake, foundation.places)


@contextmanager
def _founded(config: Path | None) -> "Generator[tuple[Foundation, Settings]]":
    from intake.errors import Refused
    from intake.foundation import lay
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese

    settings = load_settings(config)
    foundation = lay(settings)
    try:
        yield foundation, settings
    except Refused as error:
        _stop(f"Không làm được: {in_vietnamese(error)}")
    finally:
        foundation.close()


def _show(seen: "Preview", *, rows: bool) -> None:
    if rows:
        for row in seen.rows[:_MOST_SHOWN]:
            typer.echo(_row(row))
        if len(seen.rows) > _MOST_SHOWN:
            typer.echo(f"… và {len(seen.rows) - _MOST_SHOWN} dòng nữa")
    for note in (*seen.notes, *seen.doubts[:_MOST_SHOWN]):
        typer.echo(str(note), err=True)
    for fault in seen.errors[:_MOST_SHOWN]:
        typer.echo(str(fault), err=True)
    if seen.errors:
        typer.echo(f"{len(seen.errors)} lỗi; chưa ghi gì.", err=True)
        return
    told = [f"{_ACTS[act]} {seen.counts[act]}" for act in _ACTS if seen.counts[act]]
    replaced = [f"thay {seen.counts['replaced']} đơn vị cũ"] if seen.counts["replaced"] else []
    given = f"giao {seen.counts['heads']} nơi cho người phụ trách"
    heads = [given, f"thêm {seen.counts['people']} người"] if seen.counts["heads"] else []
    typer.echo(", ".join([*told, *replaced, *heads]).capitalize() + ".")


def _row(row: "PreviewRow") -> str:
    until = f" đến trước {_vn(row.valid_to)}" if row.valid_to else ""
    ends = f", thay cho {', '.join(row.ends)}" if row.ends else ""
    head = f", phụ trách: {row.leader}{' (người mới)' if row.is_new else ''}" if row.leader else ""
    since = f"từ {_vn(row.valid_from)}{until}{ends}{head}"
    return f"{row.line:>6}  {_ACTS[row.act]:<10}  {row.owner_id}  {row.name}  {since}"


def _vn(day: date | None) -> str:
    return f"{day.day}/{day.month}/{day.year}" if day else "—"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _stop("Ngày không đọc được; cách sửa: ghi năm-tháng-ngày, thí dụ 2026-07-01.")


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
