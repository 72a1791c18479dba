"""Opens the chats: for the bot process, and for housekeeping, which only writes to them.

Apart from `bot.serve`, so that a process without residents carries neither their pages nor flows.
"""

from pathlib import Path

from bot.channels.telegram import TelegramChannel
from bot.notices import Notices
from bot.wording import Wording
from intake.errors import MissingKey
from intake.settings import Settings, TelegramSettings

_TELEGRAM_PACE = 25.0  # messages a second that one bot may send, all processes together


class NoticeProcess(Notices):
    """The chats that the housekeeping process writes to, with a life of their own."""

    def __init__(self, settings: Settings) -> None:
        chosen = settings.telegram
        self._telegram = open_telegram(chosen, settings.bot_processes + 1) if chosen else None
        channels = {"telegram": self._telegram} if self._telegram else {}
        super().__init__(Wording.load(), channels)

    async def start(self) -> None:
        """Nothing to introduce: the bot process has done that."""

    async def stop(self) -> None:
        """Close what was opened."""
        if self._telegram:
            await self._telegram.stop()


def open_telegram(chosen: TelegramSettings, processes: int) -> TelegramChannel:
    """Build the Telegram channel from its settings.

    Raises:
        MissingKey: the token file is not there.
    """
    return TelegramChannel(
        read_secret(chosen.token_file),
        base_url=chosen.base_url,
        base_file_url=chosen.base_file_url,
        proxy=chosen.proxy,
        messages_per_second=_TELEGRAM_PACE / processes,
    )


def read_secret(path: Path | None) -> str:
    """Return a token or secret; "" where none is set.

    Raises:
        MissingKey: its file is not there.
    """
    try:
        return path.read_text("ascii").strip() if path else ""
    except (OSError, UnicodeDecodeError):
        raise MissingKey("the Telegram token or webhook secret file is missing") from None
