"""One file of a backup: sealed pieces that open in their order or not at all.

    magic | header (JSON) | content key, sealed to the backup key | pieces … | last piece

All but the magic have their length before them. A piece is bound to its file's header and to its
number; the last one says that it is the last. A file that is cut off, mixed or changed is refused.

The frames, one for some rows of one table, run through the pieces without a mark. Every piece is as
long as the others and their number is rounded up: a file tells neither how many rows a table has
nor, but roughly, how many there are in all.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from intake.errors import Misconfigured
from intake.upkeep.backup_rows import read_batch, write_batch
from intake.vault.envelope import Context, NotOpened, open_under, open_with, seal_to, seal_under
from intake.vault.key_pairs import PublicKey, new_seed
from storage.backups import Batch, Set

PART = ".part"
"""How the name of a file ends that is not whole yet."""
_MAGIC = b"HTBACKUP1\n"
_LENGTH = 4
_LONGEST = 64 << 20  # no piece is longer; a length beyond it is not one of ours
_PADDED = 1 << 16
_PIECE = _PADDED - 8  # of the frames in each piece; the rest tells how much of it is meant
_FEWEST = 16  # pieces: a file grows by a megabyte at least, and by an eighth at most


class BadBackup(Misconfigured):
    """A backup that is cut off, changed, of another pair, or sealed to another key."""

    code = "bad_backup"


class Header(BaseModel):
    """What stands in clear at the head of a file."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    set: Set
    pair: str
    day: date
    schema_revision: str
    demo: bool


class FileWriter:
    """Writes one file under a name of its own; it gets its true name when it is whole."""

    def __init__(self, path: Path, header: Header, key: PublicKey) -> None:
        self._path = path
        self._part = path.with_name(path.name + PART)
        self._file = os.fdopen(
            os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb"
        )
        head = header.model_dump_json().encode()
        self._sealed = _Pieces(new_seed(), header.set, head)
        self._file.write(_MAGIC)
        self._piece(head)
        self._piece(seal_to(key, self._sealed.key, _bound(header.set, "key", head)))
        self._count = 0
        self._waiting = bytearray()

    def add(self, batch: Batch) -> None:
        """Write some rows."""
        frame = write_batch(batch)
        self._waiting += len(frame).to_bytes(_LENGTH) + frame
        while len(self._waiting) >= _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]))
            del self._waiting[:_PIECE]

    def end(self) -> None:
        """Fill it up and write the last piece; what is written is durable afterwards."""
        if self._waiting:
            self._seal(bytes(self._waiting.ljust(_PIECE, b"\0")))
        for _ in range(_rounded(self._count) - self._count):
            self._seal(bytes(_PIECE))
        self._piece(self._sealed.seal(self._count, b"", last=True))
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def keep(self) -> None:
        """Give it its name."""
        self._part.replace(self._path)

    def drop(self) -> None:
        """Leave nothing behind; a full disk may refuse even the last bytes."""
        with suppress(OSError):
            self._file.close()
        self._part.unlink(missing_ok=True)

    def _seal(self, piece: bytes) -> None:
        self._piece(self._sealed.seal(self._count, piece))
        self._count += 1

    def _piece(self, piece: bytes) -> None:
        self._file.write(len(piece).to_bytes(_LENGTH))
        self._file.write(piece)


class FileReader:
    """Reads one file from its beginning to its end."""

    def __init__(self, file: IO[bytes], seed: bytes) -> None:
        self._file = file
        if file.read(len(_MAGIC)) != _MAGIC:
            raise BadBackup("not a backup of this program")
        head = self._piece()
        try:
            self.header = Header.model_validate_json(head)
            key = open_with(seed, self._piece(), _bound(self.header.set, "key", head))
        except ValidationError:
            raise BadBackup("a broken header") from None
        except NotOpened:
            raise BadBackup("sealed to another key, or changed") from None
        self._sealed = _Pieces(key, self.header.set, head)

    @classmethod
    @contextmanager
    def open(cls, path: Path, seed: bytes) -> "Generator[FileReader]":
        """Open a file.

        Raises:
            BadBackup: it cannot be read, or not with this key.
        """
        try:
            file = path.open("rb")
        except OSError:
            raise BadBackup("a file that cannot be read") from None
        with file:
            yield cls(file, seed)

    def batches(self) -> Iterator[Batch]:
        """Yield everything that was written.

        Raises:
            BadBackup: it is cut off or changed.
        """
        waiting = bytearray()
        for piece in self._pieces():
            waiting += piece
            while frame := _first_frame(waiting):
                try:
                    yield read_batch(self.header.set, frame)
                except (ValueError, KeyError):
                    raise BadBackup("a piece that was not written by this program") from None
                del waiting[: _LENGTH + len(frame)]
        if any(waiting):
            raise BadBackup("cut off")

    def _pieces(self) -> Iterator[bytes]:
        number = 0
        while True:
            try:
                piece, last = self._sealed.open(number, self._piece())
            except NotOpened:
                raise BadBackup("a piece that was changed or is missing") from None
            if last:
                break
            yield piece
            number += 1
        if self._file.read(1):
            raise BadBackup("something stands behind the end")

    def _piece(self) -> bytes:
        size = int.from_bytes(self._file.read(_LENGTH))
        piece = self._file.read(size) if 0 < size <= _LONGEST else b""
        if len(piece) != size or not piece:
            raise BadBackup("cut off")
        return piece


class _Pieces:
    """Seals and opens the pieces of one file, each bound to its number."""

    def __init__(self, key: bytes, kind: Set, head: bytes) -> None:
        self.key = key
        self._kind: Set = kind
        self._head = head

    def seal(self, number: int, piece: bytes, *, last: bool = False) -> bytes:
        """Seal one piece."""
        size = None if last else _PADDED
        return seal_under(self.key, piece, self._context(number, last=last), size)

    def open(self, number: int, sealed: bytes) -> tuple[bytes, bool]:
        """Open the piece that should stand here; True when it is the last."""
        try:
            return open_under(self.key, sealed, self._context(number, last=False)), False
        except NotOpened:
            return open_under(self.key, sealed, self._context(number, last=True)), True

    def _context(self, number: int, *, last: bool) -> Context:
        return _bound(self._kind, "end" if last else "frame", self._head, number)


def _first_frame(waiting: bytearray) -> bytes:
    """Return the frame that begins here; nothing when it is not whole, or the filling begins."""
    size = int.from_bytes(waiting[:_LENGTH])
    return bytes(waiting[_LENGTH : _LENGTH + size]) if len(waiting) >= _LENGTH + size else b""


def _rounded(pieces: int) -> int:
    step = max(_FEWEST, 1 << max(0, pieces.bit_length() - 4))
    return max(1, -(-pieces // step)) * step


def _bound(kind: Set, field: str, head: bytes, number: int = 0) -> Context:
    record = hashlib.sha256(head).digest() + number.to_bytes(8)
    return Context("backup", kind, field, record)
