"""`homthu backup`: make the offline key, make and look at backups, and fill an empty database.

The secret half of the backup key is made offline and comes to a server for a restore alone. It is
read from a file, never printed, and kept nowhere.
"""

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.commands.custody import refuse_on_a_server

KEY_FILE = "khoa-sao-luu.txt"

app = typer.Typer(help="Sao lưu niêm phong và khôi phục.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


@app.command("new-key")
def new_key(
    out: Annotated[Path, typer.Option("--out", help="Thư mục để ghi hai nửa khóa.")],
    *,
    rehearsal: Annotated[bool, typer.Option("--rehearsal", help="Diễn tập trên máy chủ.")] = False,
    config: Config = None,
) -> None:
    """Tạo khóa sao lưu trên máy không nối mạng: nửa công khai cho máy chủ, nửa kín cất đi."""
    from intake.errors import Misconfigured
    from intake.keyfiles import write_secret
    from intake.upkeep.backups import BACKUP_KEY
    from intake.vault.key_pairs import new_seed, public_key
    from intake.vault.segments import long_fingerprint

    refuse_on_a_server(config, rehearsal=rehearsal)
    seed = new_seed()
    public = public_key(seed).to_bytes()
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        write_secret(out / KEY_FILE, seed.hex() + "\n")
        write_secret(out / BACKUP_KEY, public.hex() + "\n")
    except Misconfigured:
        _stop(f"{out} đã có khóa sao lưu; không ghi đè.")
    typer.echo(f"Đã ghi vào {out}. Vân tay khóa sao lưu:\n  {long_fingerprint(public)}")
    typer.echo(f"Cất {KEY_FILE} nơi khóa kín, không bao giờ để trên máy chủ.")
    typer.echo(f"Chép {BACKUP_KEY} vào thư mục khóa của máy chủ, rồi đặt backup_dir.")


@app.command("take")
def take(config: Config = None) -> None:
    """Sao lưu ngay, và xóa bản quá hạn; hôm nay đã có bản thì thôi."""
    from intake.errors import HomThuError
    from intake.foundation import lay
    from intake.settings import load_settings
    from intake.upkeep.backups import Backups

    settings = load_settings(config)
    if settings.backup_dir is None:
        _stop("Chưa đặt backup_dir trong tệp cài đặt.")
    foundation = lay(settings)
    try:
        made = Backups(foundation.intake, settings, settings.backup_dir).take()
    except (HomThuError, OSError) as error:
        _stop(f"Không sao lưu được: {_why(error)}")
    finally:
        foundation.close()
    for file in made:
        typer.echo(f"{file.path.name}  {file.path.stat().st_size} byte")


@app.command("list")
def list_backups(config: Config = None) -> None:
    """Liệt kê bản sao lưu đang giữ."""
    from intake.settings import load_settings
    from intake.upkeep.backups import backup_file

    folder = load_settings(config).backup_dir
    if folder is None:
        _stop("Chưa đặt backup_dir trong tệp cài đặt.")
    found = [file for path in sorted(folder.glob("homthu-*")) if (file := backup_file(path))]
    for file in found:
        typer.echo(f"{file.day}  {file.set:5}  {file.path.name}")
    if not found:
        typer.echo("Chưa có bản nào.")


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Tệp sao lưu.")],
    *,
    key: Annotated[Path, typer.Option("--key", help=f"Nửa kín: {KEY_FILE}.")],
) -> None:
    """Đọc thử từng tệp đến hết bằng nửa kín của khóa; không ghi gì."""
    from intake.upkeep.backups import BadBackup, read_through
    from intake.upkeep.operator_words import in_vietnamese

    seed = _seed(key)
    for path in files:
        try:
            header, rows = read_through(path, seed)
        except BadBackup as error:
            _stop(f"{path.name}: {in_vietnamese(error)}")
        typer.echo(f"{path.name}: đọc được đến hết, ngày {header.day}, {rows} dòng")


@app.command("restore")
def restore(
    body: Annotated[Path, typer.Argument(help="Tệp .body.")],
    brief: Annotated[
        Path | None,
        typer.Argument(help="Tệp .brief cùng cặp; thiếu nó thì không ai mở được tin."),
    ] = None,
    *,
    key: Annotated[Path, typer.Option("--key", help=f"Nửa kín: {KEY_FILE}.")],
    config: Config = None,
) -> None:
    """Khôi phục vào cơ sở dữ liệu TRỐNG của cài đặt này. Đứt giữa chừng thì chạy lại lệnh này."""
    from intake.errors import HomThuError
    from intake.ports import SystemClock
    from intake.settings import load_settings
    from intake.upkeep.backups import restore as put_back
    from storage.database import Database
    from storage.errors import StorageError

    settings = load_settings(config)
    seed = _seed(key)
    database = Database(settings.database)
    try:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)  # a new machine has none
        now = SystemClock().now()
        rows = put_back(database, seed, body, brief, demo=settings.demo, at=now)
    except (HomThuError, StorageError, OSError) as error:
        _stop(f"Không khôi phục được: {_why(error)}")
    finally:
        database.close()
    typer.echo(f"Đã khôi phục {sum(rows.values())} dòng của {len(rows)} bảng.")
    if brief is None:
        typer.echo("Không có tệp .brief: tin trong bản này không ai mở được nữa.")
    typer.echo("Tiếp theo: homthu doctor, homthu audit verify, rồi mới cho máy chạy.")


def _seed(path: Path) -> bytes:
    from intake.vault.key_pairs import KEY_SIZE

    try:
        seed = bytes.fromhex(path.read_text("ascii").strip())
    except (OSError, ValueError):
        _stop(f"Không đọc được nửa kín của khóa sao lưu (cần tệp {KEY_FILE}).")
    if len(seed) != KEY_SIZE:
        _stop(f"Không phải nửa kín của khóa sao lưu (cần tệp {KEY_FILE}).")
    return seed


def _why(error: Exception) -> str:
    """Return a sentence that names no path and no row."""
    from intake.upkeep.operator_words import in_vietnamese
    from storage.backups import NotEmpty

    if isinstance(error, NotEmpty):
        return "cơ sở dữ liệu này không trống; đổi database_url hoặc dời tệp cũ đi."
    if isinstance(error, OSError):
        return f"thư mục hoặc đĩa không cho ({error.strerror})."
    return f"{in_vietnamese(error)}."


def _stop(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
