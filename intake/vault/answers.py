"""What a receipt code yields, and the one thing that it opens: the reply to its own tip.

A code gives 48 bytes: 16 to find the row, 32 as the seed of the reply key. Only the public half and
the look-up bytes are stored, so nobody but the reporter opens a reply with them. This module must
never keep a seed, and never store or log a code.
"""

import threading
from collections import deque
from functools import cache
from typing import NamedTuple

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from intake import receipts
from intake.errors import Misconfigured
from intake.vault.envelope import NotOpened, open_under, open_with
from intake.vault.key_pairs import KEY_SIZE, PublicKey, new_seed, public_key
from intake.vault.sealing import body_context, new_id, seal_part, wrap_context

LOOKUP_SIZE = 16
_PURPOSE = b"homthu receipt code 1"


class CodeCost(NamedTuple):
    """What one derivation costs; the default is also the floor (Argon2id, about 7 ms)."""

    memory_kib: int = 8192
    passes: int = 1


_FLOOR = CodeCost()


class CodeKeys(NamedTuple):
    """What a code stands for: how to find the tip's row, and the seed that opens its replies."""

    lookup: bytes
    seed: bytes


class ReadyCode(NamedTuple):
    """A code that can be given at once; the seed is gone, only its reporter can derive it again."""

    code: str
    lookup: bytes
    reply_key: PublicKey


class _Decoy(NamedTuple):
    part_id: bytes
    wrap_sealed: bytes
    body_sealed: bytes
    content_key: bytes


def derive(code: str, salt: bytes, cost: CodeCost) -> CodeKeys:
    """Derive a code's look-up bytes and reply seed with this installation's salt.

    Raises:
        BadCode: the check digits do not fit; found out before the costly part.
        Misconfigured: a cost below the floor.
    """
    _check_floor(cost)
    digits = receipts.normalise(code)
    kdf = Argon2id(
        salt=salt,
        length=LOOKUP_SIZE + KEY_SIZE,
        iterations=cost.passes,
        lanes=1,
        memory_cost=cost.memory_kib,
        ad=_PURPOSE,
    )
    derived = kdf.derive(digits.encode())
    return CodeKeys(derived[:LOOKUP_SIZE], derived[LOOKUP_SIZE:])


class CodePool:
    """Codes derived ahead of need, so that a burst of tips does not wait for Argon2.

    They are independent of tips and live in memory only. Safe to use from several threads.
    """

    def __init__(self, salt: bytes, cost: CodeCost, size: int = 64) -> None:
        _check_floor(cost)
        self._salt = salt
        self._cost = cost
        self._size = size
        self._ready: deque[ReadyCode] = deque()
        self._filling = threading.Lock()
        self.taken = 0

    def __len__(self) -> int:
        return len(self._ready)

    @property
    def is_low(self) -> bool:
        """Tell whether less than an eighth is left."""
        return len(self._ready) < self._size // 8

    def take(self) -> ReadyCode:
        """Return a code nobody else gets; derive it here when none is ready."""
        self.taken += 1
        try:
            return self._ready.popleft()
        except IndexError:
            return self._make()

    def put_back(self, ready: ReadyCode) -> None:
        """Take a code back that was neither kept nor told to anybody."""
        self._ready.append(ready)

    def fill(self, most: int | None = None) -> bool:
        """Derive codes, at most ``most``, for a worker thread; return whether the pool is full."""
        with self._filling:  # two fillers would overshoot
            missing = self._size - len(self._ready)
            for _ in range(missing if most is None else min(most, missing)):
                self._ready.append(self._make())
            return len(self._ready) >= self._size

    def _make(self) -> ReadyCode:
        code = receipts.new_code()
        keys = derive(code, self._salt, self._cost)
        return ReadyCode(code, keys.lookup, public_key(keys.seed))


def open_reply(seed: bytes, part_id: bytes, wrap_sealed: bytes, body_sealed: bytes) -> bytes:
    """Open one reply with the seed that the reporter's code yields.

    Raises:
        NotOpened: sealed to another code, or changed.
    """
    content_key = open_with(seed, wrap_sealed, wrap_context(part_id))
    return open_under(content_key, body_sealed, body_context(part_id))


def dummy_work(keys: CodeKeys) -> None:
    """Do the work of opening one reply, for a code that has none: both must cost the same."""
    decoy = _decoy()
    try:
        open_with(keys.seed, decoy.wrap_sealed, wrap_context(decoy.part_id))
    except NotOpened:
        open_under(decoy.content_key, decoy.body_sealed, body_context(decoy.part_id))


def _check_floor(cost: CodeCost) -> None:
    if cost.memory_kib < _FLOOR.memory_kib or cost.passes < _FLOOR.passes:
        raise Misconfigured("receipt codes: the derivation cost is below 8192 KiB and 1 pass")


@cache
def _decoy() -> _Decoy:
    """Make, once per process, a reply that nobody's code opens."""
    part = seal_part(new_id(), b"", [public_key(new_seed())])
    return _Decoy(part.id, part.wraps[0][1], part.body_sealed, part.content_key)
