"""`homthu init`: walks an administrator through a new installation, in Vietnamese.

It asks, shows what it is about to do, then has `installing` write it. It never overwrites anything
and never touches an offline key.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from api.commands.installing import Answers, install

app = typer.Typer()


@app.command("init")
def init(
    folder: Annotated[
        Path, typer.Option("--dir", help="Thư mục cài đặt (sẽ có homthu.toml).")
    ] = Path("/etc/homthu"),
    state_dir: Annotated[
        Path, typer.Option("--state-dir", help="Thư mục dữ liệu và khóa của máy chủ.")
    ] = Path("/var/lib/homthu"),
) -> None:
    """Cài đặt mới: hỏi từng bước, xem lại rồi mới ghi."""
    from intake.errors import HomThuError
    from intake.upkeep.operator_words import in_vietnamese
    from storage.errors import StorageError

    settings_file = folder / "homthu.toml"
    if settings_file.exists():
        _stop(f"{settings_file} đã có. Lệnh này chỉ dùng cho cài đặt mới và không ghi đè.")
    typer.echo(
        "Cài đặt hòm thư. Mất chừng mười phút. Bấm Ctrl+C lúc nào cũng được: chưa ghi gì cho tới\n"
        "bước cuối.\n"
    )
    answers = _ask(folder, state_dir)
    _show(answers)
    if not typer.confirm("Ghi tất cả?", default=True):
        _stop("Chưa ghi gì.")
    try:
        links = install(answers)
    except (HomThuError, StorageError, OSError) as error:
        why = in_vietnamese(error)
        _stop(f"Không ghi được: {why}. Lần này không để lại tệp nào; tệp có sẵn còn nguyên.")
    _tell_next(settings_file, links)


def _ask(folder: Path, state_dir: Path) -> Answers:
    answers = Answers(folder, state_dir, Path())
    _step(1, "Khóa giữ ngoài máy chủ")
    typer.echo(
        "Trên một máy không nối mạng, chạy: homthu custody new --shares 3-of-5 --out THU_MUC\n"
        "rồi chỉ mang tệp custody-public.json sang đây."
    )
    answers.custody = _ask_custody()
    _step(2, "Tỉnh và đơn vị cấp tỉnh")
    answers.province_id = _ask_text("Mã tỉnh (ví dụ 33)", _is_id)
    answers.province = _ask_text("Tên tỉnh, thành phố (ví dụ: tỉnh Hưng Yên)")
    answers.top_unit = _ask_text("Tên đơn vị cấp tỉnh nhận tin (ví dụ: Công an tỉnh Hưng Yên)")
    _step(3, "Xã, phường có hòm thư")
    answers.communes = _ask_communes(answers.province_id)
    _step(4, "Địa chỉ trên mạng (bắt đầu bằng https://)")
    answers.base_url = _ask_text("Trang cho người dân", _is_https)
    answers.console_url = _ask_text("Trang cho cán bộ", _is_https)
    typer.echo(
        "Máy chủ phải đứng sau một cửa (nginx) KHÔNG ghi nhật ký địa chỉ ở trang người dân; mẫu\n"
        "có trong deploy/nginx.conf. Trang người dân hứa điều này: chưa đúng thì bot không chạy."
    )
    if not typer.confirm("Đã tắt nhật ký ở cửa đó?", default=False):
        _stop("Xin tắt nhật ký trước, rồi chạy lại lệnh này. Chưa ghi gì.")
    _step(5, "Số điện thoại in cho người dân (để trống thì không in)")
    answers.hotline = typer.prompt("Đường dây nóng của đơn vị", default="", show_default=False)
    answers.national_hotline = typer.prompt(
        "Đường dây ma túy toàn quốc (C04: hỏi lại trước khi ghi)", default="", show_default=False
    )
    _step(6, "Hai người đầu tiên")
    answers.admin_login = _ask_text("Tên đăng nhập của quản trị (chữ, số)", _is_id)
    answers.officer_login = _ask_officer_login(answers.admin_login)
    answers.officer_name = _ask_text("Tên hiện trên màn hình của cán bộ đó")
    return answers


def _show(answers: Answers) -> None:
    typer.echo("\nSẽ ghi:")
    typer.echo(f"  cài đặt      {answers.folder / 'homthu.toml'}")
    typer.echo(f"  khóa, dữ liệu {answers.state_dir}")
    typer.echo(f"  đơn vị trên  {answers.top_unit}")
    for _, name, unit in answers.communes:
        typer.echo(f"  đơn vị dưới  {unit} ({name})")
    typer.echo(f"  trang dân    {answers.base_url}")
    typer.echo(f"  trang cán bộ {answers.console_url}\n")


def _tell_next(settings_file: Path, links: dict[str, str]) -> None:
    officer, admin = links
    typer.echo(
        f"""
Đã ghi. Việc tiếp theo, theo thứ tự:
 1. Chạy máy chủ:             homthu run --config {settings_file}
 2. Đưa liên kết một lần cho cán bộ cấp tỉnh ({officer}):
      {links[officer]}
    và cho quản trị ({admin}):
      {links[admin]}
    Mỗi liên kết dùng một lần, trong 48 giờ.
 3. Cán bộ đăng nhập, mở trang "Người và khóa", bấm "Lập khóa của đơn vị", rồi tải tệp xin ký.
 4. Trên máy không nối mạng, hai người giữ khóa gốc ký tệp đó:
      homthu custody certify TEP --out danh-sach.json
 5. Đưa danh sách đã ký vào máy chủ: homthu keys import danh-sach.json --config {settings_file}
 6. Cán bộ cấp tỉnh mời cán bộ xã, phường và bấm "Trao khóa". Hòm thư mở.
Sao lưu ngay, giữ ngoài máy chủ: thư mục khóa (trừ session.key)."""
    )


def _ask_custody() -> Path:
    while True:
        path = Path(typer.prompt("Đường dẫn tới custody-public.json")).expanduser()
        try:
            from intake.vault.custody import CustodyPublic

            public = CustodyPublic.model_validate_json(path.read_bytes())
        except (OSError, ValueError):
            typer.echo("Không đọc được tệp này. Xin kiểm tra lại đường dẫn.")
            continue
        if public.rehearsal:
            typer.echo("Tệp này là của một lần diễn tập, không dùng thật được.")
            continue
        return path


def _ask_communes(province_id: str) -> list[tuple[str, str, str]]:
    typer.echo("Mỗi dòng: mã; tên; tên đơn vị. Ví dụ: 12345; phường Hoa; Công an phường Hoa.")
    typer.echo("Dòng trống là xong.")
    found: list[tuple[str, str, str]] = []
    while True:
        line = str(typer.prompt("Xã, phường", default="", show_default=False)).strip()
        if not line and found:
            return found
        pieces = tuple(piece.strip() for piece in line.split(";"))
        if not line:
            typer.echo("Cần ít nhất một xã, phường.")
        elif len(pieces) != 3 or not all(pieces) or not _is_id(pieces[0]):
            typer.echo("Xin ghi đủ ba phần, cách nhau bằng dấu chấm phẩy; mã chỉ có chữ và số.")
        elif pieces[0] == province_id:
            typer.echo("Mã này là mã của tỉnh.")
        elif pieces[0] in {known[0] for known in found}:
            typer.echo("Mã này đã ghi rồi.")
        else:
            found.append((pieces[0], pieces[1], pieces[2]))


def _ask_officer_login(admin_login: str) -> str:
    from intake.text import fold

    while True:
        login = _ask_text("Tên đăng nhập của cán bộ cấp tỉnh đầu tiên", _is_id)
        if fold(login) != fold(admin_login):
            return login
        typer.echo("Quản trị đã dùng tên này, xin chọn tên khác.")


def _ask_text(question: str, fits: Callable[[str], bool] | None = None) -> str:
    while True:
        text = str(typer.prompt(question)).strip()
        if text and (fits is None or fits(text)):
            return text
        typer.echo("Chưa đúng, xin gõ lại.")


def _is_id(text: str) -> bool:
    return text.replace("-", "").replace(".", "").isalnum() and text.isascii()


def _is_https(text: str) -> bool:
    return text.startswith("https://") and len(text) > len("https://")


def _step(number: int, title: str) -> None:
    typer.echo(f"\n[{number}/6] {title}")


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
