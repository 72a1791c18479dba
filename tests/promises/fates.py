"""Named moments at which a bot process is to die, put around the product from outside.

Armed in the child process alone, before it builds anything; the product knows nothing of it. Death
is ``SIGKILL`` by its own hand: no handler, no flush, no goodbye, as when the power goes.
"""

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

from bot.channels.telegram import TelegramChannel
from bot.messages import Outgoing
from intake.service import Intake
from intake.tips import PreparedTip
from intake.vault import session_file
from storage.drafts import DraftStore
from storage.unit_of_work import Tx

_in_this_unit = threading.local()


class Fate:
    """Dies at the ``nth`` time that a moment comes."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def meet(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _after_call(owner: Any, name: str, then: Callable[[], None]) -> None:
    original = getattr(owner, name)

    def wrapped(*args: Any, **named: Any) -> Any:
        result = original(*args, **named)
        then()
        return result

    setattr(owner, name, wrapped)


def _note_unit() -> None:
    _in_this_unit.noted = True


def _around_commit(fate: Fate, owner: Any, method: str) -> None:
    """Die when a unit of work that called ``owner.method`` is durable and nobody knows it yet."""
    _after_call(owner, method, _note_unit)
    write = Intake.write

    async def wrapped(self: Intake, work: Callable[[Tx], Any]) -> Any:
        noted = False

        def marked(tx: Tx) -> Any:
            nonlocal noted
            _in_this_unit.noted = False
            result = work(tx)
            noted = _in_this_unit.noted
            return result

        result = await write(self, marked)
        if noted:
            fate.meet()
        return result

    Intake.write = wrapped  # type: ignore[method-assign]


def _in_unit_of_tip(fate: Fate) -> None:
    _after_call(PreparedTip, "add", fate.meet)


def _after_commit_of_tip(fate: Fate) -> None:
    _around_commit(fate, PreparedTip, "add")


def _after_commit_of_picture(fate: Fate) -> None:
    _around_commit(fate, DraftStore, "add_photo")


def _around_receipt(fate: Fate, *, before: bool) -> None:
    send = TelegramChannel.send

    async def wrapped(self: TelegramChannel, address: str, message: Outgoing) -> str:
        if before and message.key == "bien_nhan":
            fate.meet()
        sent = await send(self, address, message)
        if not before and message.key == "bien_nhan":
            fate.meet()
        return sent

    TelegramChannel.send = wrapped  # type: ignore[method-assign]


def _before_receipt(fate: Fate) -> None:
    _around_receipt(fate, before=True)


def _after_receipt(fate: Fate) -> None:
    _around_receipt(fate, before=False)


def _around_deletion(fate: Fate, *, before: bool) -> None:
    delete = TelegramChannel.delete

    async def wrapped(self: TelegramChannel, address: str, message_ids: list[str]) -> bool:
        if before:
            fate.meet()
        deleted = await delete(self, address, message_ids)
        if not before:
            fate.meet()
        return deleted

    TelegramChannel.delete = wrapped  # type: ignore[method-assign]


def _before_deletion(fate: Fate) -> None:
    _around_deletion(fate, before=True)


def _after_deletion(fate: Fate) -> None:
    _around_deletion(fate, before=False)


def _new_key_written(fate: Fate) -> None:
    _after_call(session_file, "_write_new", fate.meet)


def _new_key_in_place(fate: Fate) -> None:
    _after_call(session_file, "_sync_folder", fate.meet)


def _no_commit(_fate: Fate) -> None:
    """Answer everybody and keep nothing: a planted fault, which the books have to find."""

    async def forgetful(self: Intake, work: Callable[[Tx], Any]) -> bool:
        return True

    Intake.write = forgetful  # type: ignore[method-assign]


FATES: dict[str, Callable[[Fate], None]] = {
    "in the tip's unit of work": _in_unit_of_tip,
    "after the tip's commit": _after_commit_of_tip,
    "before the receipt is sent": _before_receipt,
    "after the receipt is sent": _after_receipt,
    "after the wipe's commit": _before_deletion,
    "after the deletion": _after_deletion,
    "after a picture's commit": _after_commit_of_picture,
    "a new session key is written": _new_key_written,
    "a new session key is in place": _new_key_in_place,
    "it answers without a commit": _no_commit,
}


def arm(point: str, nth: int) -> None:
    """Let this process die at the ``nth`` time that ``point`` comes."""
    FATES[point](Fate(nth))
