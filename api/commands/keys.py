"""`homthu keys`, `homthu officers`, `homthu audit`: what an operator does at the server's prompt.

None of it opens anything: keys are listed by public half, people are added, a signed list is taken
in.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from intake.foundation import Foundation

keys = typer.Typer(help="Danh sách khóa: xem, xin ký, nhận bản đã ký.", no_args_is_help=True)
officers = typer.Typer(help="Tài khoản cán bộ.", no_args_is_help=True)
audit = typer.Typer(help="Sổ kiểm tra.", no_args_is_help=True)

Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt.")]


@keys.command("list")
def list_keys(config: Config = None) -> None:
    """Liệt kê đơn vị trong danh sách khóa đã ký, hạn và vân tay gốc."""
    from intake.foundation import lay
    from intake.settings import load_settings

    with _closing(lay(load_settings(config))) as foundation:
        keyring = foundation.key_list.current
        typer.echo(f"Vân tay gốc: {keyring.root_fingerprint}")
        for unit_id, parent in sorted(keyring.parents.items()):
            entry = keyring.unit(unit_id)
            state = (
                f"đến hết {entry.expires_on:%d/%m/%Y}, đời {entry.epoch}" if entry else "HẾT HẠN"
            )
            typer.echo(f"  {unit_id} (trên: {parent or '—'}): {state}")


@keys.command("request")
def request(
    out: Annotated[Path, typer.Option("--out", help="Nơi ghi tệp xin ký.")], config: Config = None
) -> None:
    """Ghi tệp xin khóa gốc ký (mang sang máy không nối mạng)."""
    from intake.foundation import lay
    from intake.founding import read_publics, root_request
    from intake.settings import load_settings

    settings = load_settings(config)
    with _closing(lay(settings)) as foundation:
        publics = read_publics(settings.keys, demo=settings.demo)
        asked = root_request(foundation.intake, foundation.key_list.or_none, publics)
    out.write_text(asked.request, encoding="utf-8")
    typer.echo(f"Đã ghi {out}. Vân tay của bản xin ký, so với máy ký: {asked.fingerprint}")


@keys.command("import")
def take_in(
    segment: Annotated[Path, typer.Argument(help="Danh sách khóa đã ký.")], config: Config = None
) -> None:
    """Nhận danh sách khóa mà khóa gốc đã ký."""
    from intake.errors import KeyListRejected
    from intake.foundation import lay
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese
    from intake.vault.segments import SignedSegment

    with _closing(lay(load_settings(config))) as foundation:
        try:
            signed = SignedSegment.from_json(segment.read_text(encoding="utf-8"))
            foundation.key_list.put(signed)
        except (OSError, UnicodeDecodeError):
            _stop("Không đọc được tệp này.")
        except KeyListRejected as error:
            _stop(f"Không nhận: {in_vietnamese(error)}")
    typer.echo(f"Đã nhận bản {signed.version}. Hòm thư dùng ngay, không cần chạy lại.")


@keys.command("reseal")
def reseal(unit_id: str, config: Config = None) -> None:
    """Gói lại khóa của các tin đang mở bằng bộ mã hiện hành (cần cán bộ đăng nhập)."""
    from api.services import open_services
    from intake.errors import HomThuError
    from intake.foundation import lay
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese

    login = typer.prompt("Tên đăng nhập")
    passphrase = typer.prompt("Cụm mật khẩu", hide_input=True)
    totp = typer.prompt("Mã sáu số")
    with _closing(lay(load_settings(config))) as foundation:
        services = open_services(foundation)
        try:
            signed_in = services.sign_ins.sign_in(login, passphrase, totp)
            parts = services.key_acts.epochs.reseal(signed_in.session, unit_id)
            services.sign_ins.sign_out(signed_in.cookie)
        except HomThuError as error:
            _stop(f"Không làm được: {in_vietnamese(error)}")
    typer.echo(f"Đã gói lại {parts} phần.")


@officers.command("add")
def add(
    login: str,
    name: str,
    unit_id: Annotated[str, typer.Option("--unit", help="Mã đơn vị.")],
    role: Annotated[str, typer.Option("--role", help="officer, clerk hoặc admin.")] = "officer",
    config: Config = None,
) -> None:
    """Thêm tài khoản và in liên kết một lần (48 giờ)."""
    from api.services import open_services
    from intake.errors import Conflict, HomThuError, NotFound, NotValid
    from intake.foundation import lay
    from intake.settings import load_settings
    from intake.upkeep.operator_words import in_vietnamese

    settings = load_settings(config)
    with _closing(lay(settings)) as foundation:
        try:
            token = open_services(foundation).people.add_officer(None, unit_id, login, name, role)
        except NotFound:
            _stop("Không có đơn vị mang mã này; cách sửa: xem mã bằng homthu units list.")
        except Conflict:
            _stop("Tên đăng nhập này đã có người dùng; cách sửa: chọn tên khác.")
        except NotValid:
            _stop(
                "Không thêm được; cách sửa: tên đăng nhập chỉ gồm chữ, số, dấu chấm, dấu gạch; "
                "--role là officer, clerk hoặc admin."
            )
        except HomThuError as error:
            _stop(f"Không thêm được: {in_vietnamese(error)}")
    typer.echo(f"{settings.console_url.rstrip('/')}/thiet-lap/{token}")


@audit.command("verify")
def verify(config: Config = None) -> None:
    """Kiểm tra cả chuỗi sổ và các chữ ký."""
    from intake.audit import AuditSigner
    from intake.foundation import AUDIT, lay
    from intake.keylist import read_key_file
    from intake.settings import load_settings

    settings = load_settings(config)
    with _closing(lay(settings)) as foundation:
        verdict = AuditSigner(foundation.intake, read_key_file(settings, AUDIT)).verify()
    if verdict.broken_at is not None:
        _stop(f"Sổ KHÔNG khớp từ dòng {verdict.broken_at}.")
    typer.echo(f"Sổ khớp: {verdict.rows} dòng, {verdict.checkpoints} chữ ký.")


@contextmanager
def _closing(foundation: "Foundation") -> "Generator[Foundation]":
    try:
        yield foundation
    finally:
        foundation.close()


def _stop(reason: str) -> NoReturn:
    typer.echo(reason, err=True)
    raise typer.Exit(2)
