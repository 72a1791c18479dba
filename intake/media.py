"""Pictures from strangers: bytes in RAM, redrawn by a process that holds no secret, bytes in RAM.

``PictureCleaner`` keeps a few warm decoder processes (``intake/media_worker.py``, never imported:
no decoder is loaded beside our keys). A picture that crashes, hangs or bloats one costs that
process its life and nobody else anything. The original never touches a disk, is never logged and
never reaches a caller again; what comes back holds pixels only.
"""

import asyncio
import struct
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from intake.errors import BadPicture, TryLater

WORKER = Path(__file__).with_name("media_worker.py")
READY, CLEAN = b"r", b"k"
LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class PictureLimits:
    """What one picture, and one decoder process, may cost."""

    original_bytes: int = 20 * 1024 * 1024  # what Telegram lets a bot download
    clean_bytes: int = 16 * 1024 * 1024
    memory: int = 640 * 1024 * 1024  # a see-through PNG of 50 Mpx peaks at 577 MB of address space
    processor_seconds: int = 10
    picture_seconds: float = 20
    start_seconds: float = 10
    queue_seconds: float = 20  # how long a picture may wait for a free decoder
    pictures_per_worker: int = 200


class _WorkerLostError(Exception):
    """The decoder process ended, hung or broke the protocol."""


class _Worker:
    """One decoder process and its two pipes."""

    def __init__(self, process: Process, limits: PictureLimits) -> None:
        self._process = process
        self._limits = limits
        self._pictures = 0

    @classmethod
    async def start(cls, script: Path, limits: PictureLimits) -> "_Worker":
        """Start a process and wait until it is warm.

        Raises:
            TryLater: it did not come up.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-B", str(script)),
                *(str(limits.memory), str(limits.processor_seconds)),
                stdin=PIPE,
                stdout=PIPE,
                stderr=DEVNULL,
                cwd="/",
                env={"MALLOC_ARENA_MAX": "1"},  # nothing of ours: keys and tokens may stand there
                start_new_session=True,
            )
        except OSError:
            raise TryLater("no picture decoder can be started") from None
        worker = cls(process, limits)
        try:
            if await worker._read(len(READY), limits.start_seconds) != READY:
                raise _WorkerLostError
        except BaseException as error:
            await worker.end()
            if isinstance(error, _WorkerLostError):
                raise TryLater("no picture decoder can be started") from None
            raise
        return worker

    @property
    def usable(self) -> bool:
        """True while the process runs and has not yet done its share."""
        return (
            self._process.returncode is None and self._pictures < self._limits.pictures_per_worker
        )

    async def clean(self, original: bytes) -> bytes:
        """Return the redrawn picture.

        Raises:
            BadPicture: the decoder refused it.
            _WorkerLostError: the decoder is gone; this object is of no more use.
        """
        self._pictures += 1
        assert self._process.stdin is not None
        self._process.stdin.write(LENGTH.pack(len(original)))
        self._process.stdin.write(original)
        head = await self._read(1 + LENGTH.size, self._limits.picture_seconds)
        size: int = LENGTH.unpack(head[1:])[0]
        if size > self._limits.clean_bytes:
            raise _WorkerLostError
        jpeg = await self._read(size, self._limits.picture_seconds)
        if head[:1] != CLEAN:
            raise BadPicture("the picture cannot be decoded within the limits")
        return jpeg

    async def _read(self, size: int, seconds: float) -> bytes:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(seconds):
                return await self._process.stdout.readexactly(size)
        except (TimeoutError, asyncio.IncompleteReadError, OSError):
            raise _WorkerLostError from None

    async def end(self) -> None:
        """Kill the process and wait until it is gone, so that no pipe or zombie stays."""
        with suppress(ProcessLookupError):
            self._process.kill()
        if self._process.stdin is not None:
            self._process.stdin.close()
        await asyncio.shield(self._process.wait())


class PictureCleaner:
    """Cleans pictures, at most ``workers`` at a time."""

    def __init__(
        self, workers: int = 2, limits: PictureLimits | None = None, script: Path = WORKER
    ) -> None:
        self._limits = limits or PictureLimits()
        self._script = script
        self._count = workers
        self._workers: set[_Worker] = set()
        # One entry per slot; None is a slot whose process has yet to be started.
        self._free: asyncio.LifoQueue[_Worker | None] = asyncio.LifoQueue()
        self._running = False

    async def start(self) -> None:
        """Warm the decoders. One that does not come up is tried again when a picture needs it."""
        if self._running:
            return
        self._running = True
        self._free = asyncio.LifoQueue()
        await asyncio.gather(*(self._open_slot() for _ in range(self._count)))

    async def _open_slot(self) -> None:
        worker = None
        with suppress(TryLater):
            worker = await self._start_worker()
        self._free.put_nowait(worker)

    async def stop(self) -> None:
        """End every decoder; pictures in work are refused with ``TryLater``."""
        self._running = False
        for worker in tuple(self._workers):
            await self._end(worker)

    async def clean(self, data: bytes) -> bytes:
        """Return ``data`` as a JPEG of at most 2560 px a side, without any metadata.

        Raises:
            BadPicture: no picture of a kind we take, broken, too large, or it killed its decoder.
            TryLater: no decoder was free or could be started.
        """
        if not data or len(data) > self._limits.original_bytes:
            raise BadPicture("the picture is empty or too large")
        slot = await self._take_slot()
        worker: _Worker | None = None
        try:
            worker = await self._ready(slot)
            return await self._clean_with(worker, data)
        finally:
            # Whatever happened (a caller that hangs up included), the slot itself is never lost.
            self._free.put_nowait(worker if worker in self._workers else None)

    async def _take_slot(self) -> _Worker | None:
        if not self._running:
            raise TryLater("the picture decoders are not running")
        try:
            async with asyncio.timeout(self._limits.queue_seconds):
                return await self._free.get()
        except TimeoutError:
            raise TryLater("no picture decoder is free") from None

    async def _ready(self, slot: _Worker | None) -> _Worker:
        """Return the slot's decoder, or a new one when it is spent, dead or was never started."""
        if slot is not None and slot.usable:
            return slot
        if slot is not None:
            await self._end(slot)
        return await self._start_worker()

    async def _clean_with(self, worker: _Worker, data: bytes) -> bytes:
        try:
            return await worker.clean(data)
        except BadPicture:
            raise
        except _WorkerLostError:
            await self._end(worker)
            if not self._running:
                raise TryLater("the picture decoders are stopping") from None
            raise BadPicture("the picture cannot be decoded within the limits") from None
        except BaseException:
            # Cancelled halfway: this process may still answer, and to the wrong picture.
            await self._end(worker)
            raise

    async def _start_worker(self) -> _Worker:
        worker = await _Worker.start(self._script, self._limits)
        self._workers.add(worker)
        if not self._running:
            await self._end(worker)
            raise TryLater("the picture decoders are stopping")
        return worker

    async def _end(self, worker: _Worker) -> None:
        self._workers.discard(worker)
        await worker.end()
