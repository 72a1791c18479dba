"""Decoder processes that crash, hang, lie or never start, and what the real one may do."""

import ast
import asyncio
import io
import json
import os
import resource
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from intake import media, media_worker
from intake.errors import BadPicture, TryLater
from intake.media import PictureCleaner, PictureLimits

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def cleaner() -> AsyncIterator[PictureCleaner]:
    cleaner = PictureCleaner(workers=1)
    await cleaner.start()
    yield cleaner
    await cleaner.stop()


@pytest.fixture
def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (80, 40), (220, 20, 20)).save(out, "JPEG")
    return out.getvalue()


# --- decoders that misbehave --------------------------------------------------------------------

WARM = "import sys, time\nout = sys.stdout.buffer\nout.write(b'r'); out.flush()\n"
ECHO = "b = sys.stdin.buffer\nhead = b.read(4)\nbody = b.read(int.from_bytes(head, 'big'))\n"
ONE_LINE_ECHO = ECHO.rstrip().replace("\n", "; ")


def decoder(folder: Path, body: str) -> Path:
    """A stand-in worker: hostile code that has taken over the decoder."""
    script = folder / "worker.py"
    script.write_text(body)
    return script


FIRST_FAILS_THEN_ECHOES = """
import os
first = not os.path.exists({flag!r})
open({flag!r}, 'a').close()
while True:
    {echo}
    if first:
        {failure}
    out.write(b'k' + head + body); out.flush()
"""


@pytest.mark.parametrize(
    "failure",
    [
        "os._exit(139)",
        "os.kill(os.getpid(), 11)",
        "time.sleep(600)",
        "out.write(b'k' + (4_000_000_000).to_bytes(4, 'big')); out.flush()",
        "out.write(b'k' + (9).to_bytes(4, 'big') + b'half'); out.flush(); os._exit(0)",
    ],
    ids=["exits", "crashes", "hangs", "claims_4_gb", "breaks_off"],
)
async def test_a_broken_decoder_is_replaced_and_its_picture_refused(
    tmp_path: Path, failure: str
) -> None:
    body = FIRST_FAILS_THEN_ECHOES.format(
        flag=str(tmp_path / "seen"), failure=failure, echo=ONE_LINE_ECHO
    )
    limits = PictureLimits(picture_seconds=2)
    cleaner = PictureCleaner(1, limits, decoder(tmp_path, WARM + body))
    await cleaner.start()
    try:
        with pytest.raises(BadPicture):
            await cleaner.clean(b"first")
        assert await cleaner.clean(b"second") == b"second"
    finally:
        await cleaner.stop()


async def test_a_decoder_that_died_between_pictures_is_replaced_unnoticed(
    cleaner: PictureCleaner, picture: bytes
) -> None:
    (worker,) = cleaner._workers
    await worker.end()
    assert await cleaner.clean(picture)


async def test_a_decoder_is_renewed_after_its_share_of_pictures(picture: bytes) -> None:
    cleaner = PictureCleaner(1, PictureLimits(pictures_per_worker=2))
    await cleaner.start()
    try:
        (first,) = cleaner._workers
        for _ in range(3):
            assert await cleaner.clean(picture)
        assert len(cleaner._workers) == 1
        assert first not in cleaner._workers
    finally:
        await cleaner.stop()


@pytest.mark.parametrize("body", ["raise SystemExit(3)", "import time; time.sleep(600)"])
async def test_without_any_decoder_the_service_starts_and_says_try_later(
    tmp_path: Path, body: str, picture: bytes
) -> None:
    cleaner = PictureCleaner(1, PictureLimits(start_seconds=0.3), decoder(tmp_path, body))
    await cleaner.start()
    with pytest.raises(TryLater):
        await cleaner.clean(picture)
    await cleaner.stop()


async def test_no_interpreter_at_all_says_try_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    cleaner = PictureCleaner(1)
    await cleaner.start()
    with pytest.raises(TryLater):
        await cleaner.clean(b"\xff\xd8")
    await cleaner.stop()


async def test_before_start_and_after_stop_it_says_try_later(picture: bytes) -> None:
    cleaner = PictureCleaner(1)
    with pytest.raises(TryLater):
        await cleaner.clean(picture)
    await cleaner.start()
    await cleaner.start()  # twice is once
    assert len(cleaner._workers) == 1
    await cleaner.stop()
    with pytest.raises(TryLater):
        await cleaner.clean(picture)


async def test_a_full_queue_says_try_later(tmp_path: Path) -> None:
    hanging = decoder(tmp_path, WARM + ECHO + "time.sleep(600)")
    limits = PictureLimits(queue_seconds=0.05)
    cleaner = PictureCleaner(1, limits, hanging)
    await cleaner.start()
    stuck = asyncio.create_task(cleaner.clean(b"first"))
    await asyncio.sleep(0)
    with pytest.raises(TryLater):
        await cleaner.clean(b"second")
    await cleaner.stop()
    with pytest.raises(TryLater):
        await stuck


async def test_no_more_pictures_are_decoded_at_once_than_there_are_decoders(picture: bytes) -> None:
    cleaner = PictureCleaner(2)
    await cleaner.start()
    try:
        cleaned = await asyncio.gather(*(cleaner.clean(picture) for _ in range(12)))
        assert len(set(cleaned)) == 1
        assert len(cleaner._workers) == 2
    finally:
        await cleaner.stop()


async def test_a_caller_that_hangs_up_never_gives_its_picture_to_the_next(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    os.mkfifo(gate)
    body = f"while True:\n    {ONE_LINE_ECHO}\n"
    body += f"    if body == b'slow': open({str(gate)!r}).read()\n"
    body += "    out.write(b'k' + head + body); out.flush()\n"
    cleaner = PictureCleaner(1, script=decoder(tmp_path, WARM + body))
    await cleaner.start()
    try:
        slow = asyncio.create_task(cleaner.clean(b"slow"))
        await asyncio.sleep(0)
        slow.cancel()
        with pytest.raises(asyncio.CancelledError):
            await slow
        assert await cleaner.clean(b"next") == b"next"
    finally:
        await cleaner.stop()


# --- what the real decoder process may do -------------------------------------------------------


CONFESS = """
import os, json
while True:
    {echo}
    fds = sorted(os.listdir('/proc/self/fd'))[:3] == ['0', '1', '2'] and os.listdir('/proc/self/fd')
    told = json.dumps([dict(os.environ), os.getcwd(), len(fds), sys.path[0]]).encode()
    out.write(b'k' + len(told).to_bytes(4, 'big') + told); out.flush()
"""


async def test_the_decoder_inherits_no_variable_no_folder_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOMTHU_SECRET_FILE", "/etc/homthu/secret")
    with (tmp_path / "open.txt").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        script = decoder(tmp_path, WARM + CONFESS.format(echo=ONE_LINE_ECHO))
        cleaner = PictureCleaner(1, script=script)
        await cleaner.start()
        told = json.loads(await cleaner.clean(b"?"))
        await cleaner.stop()
    variables, folder, descriptors, first_path = told
    assert set(variables) <= {"MALLOC_ARENA_MAX", "LC_CTYPE"}  # Python sets LC_CTYPE itself
    assert folder == "/"
    assert descriptors == 4  # three pipes, and the listing itself
    assert first_path != str(tmp_path)


def status_of(pid: int) -> str:
    return Path(f"/proc/{pid}/status").read_text()


async def test_the_decoder_gives_up_memory_files_cores_and_sockets(
    cleaner: PictureCleaner, picture: bytes
) -> None:
    (worker,) = cleaner._workers
    pid = worker._process.pid
    assert resource.prlimit(pid, resource.RLIMIT_AS) == (PictureLimits().memory,) * 2
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NOFILE):
        assert resource.prlimit(pid, kind) == (0, 0)
    assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] == resource.RLIM_INFINITY
    await cleaner.clean(picture)
    assert resource.prlimit(pid, resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY
    assert "NoNewPrivs:\t1" in status_of(pid)


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def test_the_decoder_imports_nothing_of_ours_and_we_import_no_decoder() -> None:
    ours = imports_of(media.WORKER)
    assert ours - {"PIL", "pillow_heif"} <= set(sys.stdlib_module_names)
    assert not {"PIL", "pillow_heif"} & imports_of(Path(str(media.__file__)))
    assert "socket" not in ours


def test_both_ends_of_the_pipe_speak_the_same_frames() -> None:
    assert media.READY == media_worker.READY
    assert media.CLEAN == media_worker.CLEAN
    assert media.LENGTH.format == media_worker.LENGTH.format


async def test_this_process_opens_no_file_for_a_picture(
    cleaner: PictureCleaner, picture: bytes
) -> None:
    # The decoder cannot open one (no descriptors, RLIMIT_FSIZE 0); here an audit hook watches.
    watched: list[object] = []
    watching = True

    def watch(event: str, args: tuple[object, ...]) -> None:
        if watching and event == "open":
            watched.append(args[0])

    sys.addaudithook(watch)  # cannot be removed again, only switched off
    try:
        await cleaner.clean(picture)
    finally:
        watching = False
    assert watched == []
