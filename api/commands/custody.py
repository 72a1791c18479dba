"""`homthu custody`: make the offline keys, and sign the key list with the root's shares.

Meant for a machine that is never online. It refuses to run where a server is set up, because the
shares and the sealed identities must not meet there; only a rehearsal may. It must never print or
store a seed, and writes shares to files of their own, readable by one user alone.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from intake.vault.custody import CustodyPublic
    from intake.vault.segments import RootBody

SETTINGS_PLACES = (Path("/etc/homthu/homthu.toml"), Path("homthu.toml"))
PUBLIC_FILE = "custody-public.json"
_WORDS_PER_LINE = 6
_TITLES = {
    "identity": ("danh-tinh", "Khóa danh tính (mở tên, số điện thoại người báo tin để lại)"),
    "oversight": ("giam-sat", "Khóa giám sát (mở tin về đơn vị cao nhất)"),
    "root": ("goc", "Khóa gốc (ký danh sách khóa)"),
}

app = typer.Typer(help="Khóa giữ ngoài máy chủ: tạo, chia và ký.", no_args_is_help=True)

Rehearsal = Annotated[bool, typer.Option("--rehearsal", help="Diễn tập: cho chạy trên máy chủ.")]
Config = Annotated[Path | None, typer.Option("--config", help="Tệp cài đặt cần kiểm tra.")]


@app.command("new")
def new(
    out: Annotated[Path, typer.Option("--out", help="Thư mục mới để ghi các phần chia.")],
    shares: Annotated[str, typer.Option("--shares", help="Khóa danh tính: ví dụ 3-of-5.")] = (
        "3-of-5"
    ),
    rehearsal: Rehearsal = False,
    config: Config = None,
) -> None:
    """Tạo khóa danh tính, khóa giám sát và khóa gốc; ghi mỗi phần chia ra một tệp riêng."""
    from intake.errors import NotValid
    from intake.vault.custody import Sharing, new_custody

    refuse_on_a_server(config, rehearsal=rehearsal)
    try:
        sharing = Sharing.parse(shares)
    except NotValid:
        _stop("--shares phải có dạng 3-of-5: cần ít nhất 2 phần, chia nhiều nhất 16 phần.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        _stop(f"{out} đã có sẵn và không trống; không ghi đè khóa nào.")
    custody = new_custody(sharing, rehearsal=rehearsal)
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    for key, words in custody.shares.items():
        for number, mnemonic in enumerate(words, 1):
            name = f"{_TITLES[key][0]}-{number}-tren-{len(words)}.txt"
            _write(out / name, _share_text(custody.public, key, number, mnemonic), mode=0o600)
    _write(out / PUBLIC_FILE, custody.public.model_dump_json(indent=1) + "\n", mode=0o644)
    typer.echo(f"Đã ghi vào {out}.")
    for key in _TITLES:
        typer.echo(f"  {_TITLES[key][1]}\n    vân tay {_fingerprint(custody.public, key)}")
    typer.echo(
        f"Giao mỗi phần chia cho một người, rồi xóa tệp. Chỉ {PUBLIC_FILE} được mang sang máy chủ."
    )


@app.command("certify")
def certify(
    request: Annotated[Path, typer.Argument(help="Danh sách khóa cần ký, do máy chủ đề nghị.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Nơi ghi danh sách đã ký.")],
    public: Annotated[
        Path | None, typer.Option("--public", help=f"{PUBLIC_FILE}; mặc định: cạnh tệp cần ký.")
    ] = None,
    share_file: Annotated[
        list[Path] | None, typer.Option("--share-file", help="Tệp phần chia khóa gốc.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Không hỏi lại trước khi ký.")] = False,
    rehearsal: Rehearsal = False,
    config: Config = None,
) -> None:
    """Đọc danh sách khóa được đề nghị, cho xem, rồi ký bằng hai phần chia khóa gốc."""
    from intake.vault import custody

    refuse_on_a_server(config, rehearsal=rehearsal)
    known = _read_public(public or request.with_name(PUBLIC_FILE))
    body = _read_request(request)
    try:
        custody.check_proposal(known, body)
    except custody.WrongProposal:
        _stop("Không ký: đề nghị này đổi khóa danh tính, khóa giám sát, hoặc có khóa hỏng.")
    _show(known, body)
    if not yes:
        typer.confirm("Đã đối chiếu từng vân tay, đồng ý ký?", abort=True)
    needed = known.sharing["root"][0]
    mnemonics = [_words_of(path) for path in share_file or []] or _ask_shares(needed)
    try:
        segment = custody.certify(mnemonics, known, body)
    except custody.TooManyShares:
        _stop("Không ký: nhiều phần chia quá. Xin bỏ bớt các phần của bộ cũ rồi làm lại.")
    except custody.WrongShares:
        _stop("Không ký: các phần chia không ra khóa gốc này (thiếu, chép nhầm hoặc của bộ khác).")
    _write(out, segment.to_json(), mode=0o644)
    typer.echo(f"Đã ký phiên bản {segment.version}, ghi vào {out}.")


def refuse_on_a_server(config: Path | None, *, rehearsal: bool) -> None:
    """Stop on a machine where a server is set up, unless this is a rehearsal."""
    found = [str(place) for place in (config, *SETTINGS_PLACES) if place and place.exists()]
    found += sorted(name for name in os.environ if name.startswith("HOMTHU_"))
    if not found:
        return
    if not rehearsal:
        _stop(
            f"Máy này có cài đặt máy chủ ({', '.join(found)}). "
            "Hãy dùng một máy không nối mạng, hoặc thêm --rehearsal để diễn tập."
        )
    typer.echo("DIỄN TẬP trên máy chủ: không dùng các khóa này cho tin thật.")


def _show(public: "CustodyPublic", body: "RootBody") -> None:
    from intake.vault.segments import long_fingerprint, request_fingerprint

    mark = " · BẢN THỬ" if body.demo else ""
    typer.echo(f"Danh sách khóa, phiên bản {body.version}{mark}")
    typer.echo(f"  Vân tay của bản xin ký, so với máy chủ\n    {request_fingerprint(body)}")
    for key in _TITLES:
        typer.echo(f"  {_TITLES[key][1]}\n    {_fingerprint(public, key)}")
    typer.echo(f"  Khóa cổng\n    {long_fingerprint(bytes.fromhex(body.gate))}")
    typer.echo(f"  Khóa chuyển lời nhắn\n    {long_fingerprint(bytes.fromhex(body.relay))}")
    for unit in body.units:
        typer.echo(
            f"  Đơn vị {unit.name} ({unit.unit_id}), đời {unit.epoch}, đến {unit.expires_on}"
        )
        typer.echo(f"    {long_fingerprint(bytes.fromhex(unit.public_key))}")
    for signer in body.signers:
        typer.echo(f"  Được ký cho cấp dưới: {signer.unit_id}, đến {signer.expires_on}")
        typer.echo(f"    {long_fingerprint(bytes.fromhex(signer.public_key))}")


def _fingerprint(public: "CustodyPublic", key: str) -> str:
    from intake.vault.segments import long_fingerprint

    expected = public.expected(key)
    return long_fingerprint(expected if isinstance(expected, bytes) else expected.to_bytes())


def _share_text(public: "CustodyPublic", key: str, number: int, mnemonic: str) -> str:
    needed, made = public.sharing[key]
    words = mnemonic.split()
    lines = [
        "# HÒM THƯ: PHẦN CHIA KHÓA" + (" (DIỄN TẬP)" if public.rehearsal else ""),
        f"# {_TITLES[key][1]}",
        f"# Phần {number} trong {made}. Cần {needed} phần khác nhau mới mở được khóa.",
        f"# Vân tay khóa công khai: {_fingerprint(public, key)}",
        "#",
        "# Cất nơi khóa kín. Không chụp ảnh, không gửi qua mạng, không để hai phần một chỗ.",
        f"# Dưới đây là {len(words)} từ; giữ đủ và đúng thứ tự.",
        "",
    ]
    rows = range(0, len(words), _WORDS_PER_LINE)
    lines += [" ".join(words[at : at + _WORDS_PER_LINE]) for at in rows]
    return "\n".join(lines) + "\n"


def _words_of(path: Path) -> str:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        _stop(f"Không đọc được {path}.")
    return " ".join(line for line in lines if not line.startswith("#"))


def _ask_shares(needed: int) -> list[str]:
    from intake.vault.custody import WrongShares, check_share

    typed: list[str] = []
    while len(typed) < needed:
        words = str(typer.prompt(f"Phần chia khóa gốc thứ {len(typed) + 1} trong {needed}"))
        try:
            check_share(words)
        except WrongShares:
            typer.echo("Phần này chép nhầm hoặc thiếu từ; xin nhập lại.")
        else:
            typed.append(words)
    return typed


def _read_public(path: Path) -> "CustodyPublic":
    from intake.vault.custody import CustodyPublic

    try:
        public = CustodyPublic.model_validate_json(path.read_bytes())
        for key in _TITLES:
            public.expected(key)
        return public
    except (OSError, ValueError):
        _stop(f"Không đọc được {path} (cần tệp {PUBLIC_FILE} của bộ khóa này).")


def _read_request(path: Path) -> "RootBody":
    from intake.vault.segments import RootBody

    try:
        return RootBody.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        _stop(f"Không đọc được {path} (cần danh sách khóa do máy chủ đề nghị).")


def _write(path: Path, text: str, *, mode: int) -> None:
    """Write a new file with its final rights from the first byte on."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        _stop(f"{path} đã có; không ghi đè.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def _stop(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)
