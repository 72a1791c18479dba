"""What the documents say about the program is held against the program."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer.main
from pydantic import BaseModel

import homthu
from api.shield import MOST_BYTES
from bot.policy import FORM_READ
from intake.settings import Settings, load_settings
from intake.text import fold

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "deploy" / "homthu.toml.example"
NGINX = ROOT / "deploy" / "nginx.conf"
UNIT = ROOT / "deploy" / "homthu.service"
LOCKS = sorted(ROOT.glob("*.lock"))
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DOCUMENTS = [*PAGES, *sorted((ROOT / "deploy").iterdir())]

ROOMS = ("bot", "api", "intake", "storage", "reminders", "tests", "docs", "deploy", "bench")
OWN_CHOICE = {"keys_dir", "base_url", "console_url", "trusted_proxies", "hotline", "weather_url"}
"""Settings for which the example shows a choice and not the default."""

SWITCHED_OFF = re.compile(r"^#(?=\[|[a-z_]+ = )", re.MULTILINE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)\)")
PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
ADDRESS = re.compile(r"[a-z0-9+]+://([^/\s\"'`)>|]+)")
OTHER_MACHINE = re.compile(r"(?<![\w.~-])/(?:home|root|tmp|Users|mnt|build|workspace)/")
COMMAND = re.compile(r"(?:^|/bin/)homthu ([a-z][\w-]*)(?: ([a-z][\w-]*))?", re.MULTILINE)
OUR_ADDRESSES = {"api.telegram.org", "127.0.0.1", "localhost"}


def readable(page: Path) -> str:
    return COMMENT.sub("", page.read_text(encoding="utf-8"))


def code_in(page: Path) -> Iterator[str]:
    for block, span in CODE.findall(readable(page)):
        yield block or span


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# --- settings -------------------------------------------------------------------------------------


def fields_of(model: type[BaseModel], table: str = "") -> Iterator[tuple[str, str]]:
    for name, field in model.model_fields.items():
        kinds = [field.annotation, *get_args(field.annotation)]
        inner = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
        if inner:
            yield from fields_of(inner[0], name)
        else:
            yield table, name


def everything_switched_on(tmp_path: Path) -> Path:
    text = SWITCHED_OFF.sub("", EXAMPLE.read_text(encoding="utf-8"))
    changed = tmp_path / "homthu.toml"
    changed.write_text(text, encoding="utf-8")
    return changed


@pytest.fixture(autouse=True)
def no_settings_from_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"HOMTHU_{name.upper()}", raising=False)


def test_every_setting_stands_in_the_example(tmp_path: Path) -> None:
    told = tomllib.loads(everything_switched_on(tmp_path).read_text(encoding="utf-8"))
    missing = [
        f"{table}.{name}" for table, name in fields_of(Settings)
        if name not in (told.get(table, {}) if table else told)
    ]  # fmt: skip
    assert missing == []


def test_every_setting_of_the_example_is_explained() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for at, line in enumerate(lines):
        if re.match(r"#?[a-z_]+ = ", line) and lines[at - 1] == "":
            pytest.fail(f"nothing is said before: {line}")


def test_the_example_loads_as_it_is_shipped() -> None:
    assert load_settings(EXAMPLE).base_url == "https://tip.example"


def test_the_example_loads_with_everything_switched_on(tmp_path: Path) -> None:
    settings = load_settings(everything_switched_on(tmp_path))
    assert settings.telegram is not None
    assert settings.counselling is not None


def test_the_example_shows_the_defaults() -> None:
    shown = load_settings(EXAMPLE)
    defaults = {
        name: field.get_default(call_default_factory=True)
        for name, field in Settings.model_fields.items()
        if name not in OWN_CHOICE
    }
    assert {name: getattr(shown, name) for name in defaults} == defaults


def test_the_example_gives_no_word_that_only_the_operator_can_give() -> None:
    shown = load_settings(EXAMPLE)
    assert not shown.proxy_logs_off
    assert not shown.named_tips
    assert not shown.demo


# --- what documents point at ----------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_document_links_only_to_files_that_exist(page: Path) -> None:
    targets = [t for t in LINK.findall(readable(page)) if "://" not in t]
    assert [t for t in targets if not (page.parent / t).exists()] == []


def lost_paths(page: Path) -> Iterator[str]:
    for code in code_in(page):
        for word in code.split():
            if not PATH.fullmatch(word):
                continue
            if word.split("/")[0] in ROOMS and "/" in word:
                found = (ROOT / word).exists()
            elif word.endswith(".py") and "/" not in word:
                found = (ROOT / word).exists() or any(
                    next((ROOT / room).rglob(word), None) for room in ROOMS
                )
            elif word.endswith((".md", ".lock")) and word[0].isupper():
                found = (ROOT / word).exists()
            else:
                continue
            if not found:
                yield word


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_document_mentions_only_files_that_exist(page: Path) -> None:
    assert list(lost_paths(page)) == []


def commands() -> dict[str, set[str]]:
    group: Any = typer.main.get_command(homthu.app)
    return {name: set(getattr(c, "commands", {})) for name, c in group.commands.items()}


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_a_document_tells_only_commands_that_there_are(page: Path) -> None:
    known = commands()
    told = "\n".join(code_in(page) if page.suffix == ".md" else [page.read_text("utf-8")])
    for first, second in COMMAND.findall(told):
        if page.suffix != ".md" and first not in known:
            continue  # prose around the word, not a command
        assert first in known, f"homthu {first}"
        if known[first] and second:
            assert second in known[first], f"homthu {first} {second}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_a_document_tells_only_make_targets_that_there_are(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    told = {target for code in code_in(page) for target in re.findall(r"\bmake ([a-z]+)", code)}
    assert told <= targets


def test_the_readme_prints_its_two_commands_alone_in_their_boxes() -> None:
    boxes = re.findall(r"```\n(.*?)```", readable(ROOT / "README.md"), re.DOTALL)
    assert boxes == ["make demo\n", "make test\n"]


# --- addresses and paths --------------------------------------------------------------------------


@pytest.mark.parametrize("lock", LOCKS, ids=name_of)
def test_a_lock_file_pins_by_hash_and_names_no_address(lock: Path) -> None:
    text = lock.read_text("utf-8")
    assert "://" not in text
    assert not re.search(
        r"^\s*-(?:i|f|-index-url|-extra-index-url|-find-links)\b", text, re.MULTILINE
    )
    pins = re.split(r"(?<!\\)\n", text.strip())
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def is_ours(host: str) -> bool:
    bare = host.rpartition("@")[2].partition(":")[0].rstrip(".,;")
    return bare in OUR_ADDRESSES or bare.endswith(".example") or bare in {"", "…"} or bare[0] == "$"


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_a_document_names_no_address_to_download_from(page: Path) -> None:
    hosts = ADDRESS.findall(page.read_text("utf-8"))
    assert [host for host in hosts if not is_ours(host)] == []


@pytest.mark.parametrize("page", [*DOCUMENTS, *LOCKS], ids=name_of)
def test_a_document_names_no_path_of_the_machine_it_was_written_on(page: Path) -> None:
    text = page.read_text("utf-8")
    assert OTHER_MACHINE.search(text) is None
    if not ROOT.is_relative_to("/opt"):  # where an installation may stand
        assert str(ROOT) not in text


# --- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_no_document_promises_more_than_can_be_kept(page: Path) -> None:
    plain = fold(page.read_text("utf-8"))
    for claim in ("tuyet doi", "100%", "100 %", "completely anonymous", "hoan toan an danh"):
        assert claim not in plain


def test_residents_read_the_danger_numbers_first() -> None:
    text = readable(ROOT / "docs" / "vi" / "nguoi-dan.md")
    first, second = [part.start() for part in re.finditer(r"^## ", text, re.MULTILINE)][:2]
    assert all(number in text[first:second] for number in ("113", "115", "114", "111"))


@pytest.mark.parametrize("record", DECISIONS, ids=name_of)
def test_a_decision_has_its_four_headings_on_one_screen(record: Path) -> None:
    lines = readable(record).splitlines()
    assert [line[3:] for line in lines if line.startswith("## ")] == [
        "Context", "Decision", "Consequences", "Rejected",
    ]  # fmt: skip
    assert lines[0].startswith(f"# {record.name[:4]} · ")
    assert re.match(r"\d{4}-\d{2} · (accepted|replaced by \d{4})$", lines[2])
    assert len(lines) <= 48


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(record.name[:4]) for record in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_the_threat_model_answers_every_threat() -> None:
    text = readable(ROOT / "docs" / "threat-model.md")
    assert re.findall(r"^\| T(\d+) \|", text, re.MULTILINE) == [str(n) for n in range(1, 14)]
    for heading in ("## What stands in clear", "## Not built yet", "## Known gaps"):
        assert heading in text


def test_every_release_begins_with_security_and_tells_operators_what_to_do() -> None:
    text = readable(ROOT / "CHANGELOG.md")
    releases = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    for release in releases:
        parts = re.findall(r"^### (\w+)", release, re.MULTILINE)
        if parts:  # nothing is unreleased yet
            assert parts[0] == "Security"
            assert "Operators" in parts


def test_the_licence_is_the_one_that_the_package_names() -> None:
    licence = (ROOT / "LICENSE").read_text("utf-8")
    package = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert package["license"] == "Apache-2.0"
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence
    assert "END OF TERMS AND CONDITIONS" in licence


# --- deploy ---------------------------------------------------------------------------------------


def directives(name: str) -> list[str]:
    return re.findall(rf"^\s*{name} (.+);$", NGINX.read_text("utf-8"), re.MULTILINE)


def test_the_proxy_writes_nothing_about_visitors() -> None:
    servers = NGINX.read_text("utf-8").split("    server {")
    assert set(directives("access_log")) == {"off"}
    assert all("access_log off;" in server for server in servers)
    assert all("error_log /dev/null crit;" in server for server in servers[1:])


def test_the_proxy_keeps_no_body_and_no_answer_on_a_disk() -> None:
    passes = len(directives("proxy_pass"))
    assert directives("proxy_request_buffering") == ["off"] * passes
    assert directives("proxy_max_temp_file_size") == ["0"] * passes


def test_the_proxy_and_the_settings_agree() -> None:
    shown = load_settings(EXAMPLE)
    assert directives("proxy_pass") == [
        f"http://{shown.host}:{shown.public_port}", f"http://{shown.host}:{shown.officer_port}",
    ]  # fmt: skip
    assert directives("client_max_body_size") == [f"{FORM_READ >> 20}m", f"{MOST_BYTES >> 10}k"]
    assert FORM_READ % 2**20 == 0
    assert set(directives("proxy_set_header X-Forwarded-For")) == {"$remote_addr"}
    assert shown.trusted_proxies == 1


@pytest.mark.parametrize(
    "line",
    [
        "NoNewPrivileges=yes", "PrivateTmp=yes", "LimitCORE=0", "MemorySwapMax=0", "UMask=0077",
        "ProtectSystem=strict", "ProtectHome=yes", "PrivateDevices=yes", "CapabilityBoundingSet=",
        "RestrictSUIDSGID=yes", "RuntimeDirectoryMode=0700", "StateDirectoryMode=0700",
        "RestartPreventExitStatus=2", "User=homthu",
    ],
)  # fmt: skip
def test_the_unit_is_hardened(line: str) -> None:
    assert line in UNIT.read_text("utf-8").splitlines()


def test_the_unit_starts_what_there_is() -> None:
    lines = UNIT.read_text("utf-8").splitlines()
    start = next(line for line in lines if line.startswith("ExecStart="))
    assert start.endswith("/bin/homthu run --config /etc/homthu/homthu.toml")
    before = next(line for line in lines if line.startswith("ExecStartPre=+"))
    script, kept, memory = before.removeprefix("ExecStartPre=+").split()
    shown = load_settings(EXAMPLE)
    assert (ROOT / "deploy" / Path(script).name).stat().st_mode & 0o111
    assert kept == str(shown.state_dir / "keys")
    assert memory == str(shown.keys)
