"""What tests of the Telegram channel share: a listener in the dialogue's place, and a channel."""

from bot.channels.telegram import TelegramChannel
from bot.messages import Choice, Incoming, Outgoing
from tests.bot.telegram_server import TOKEN, TelegramServer
from tests.bot.timers import QuickTime, SlowTime

CHAT = 5_550_111


class Ears:
    """A dialogue that only listens, and fails as often as it is told to."""

    def __init__(self) -> None:
        self.heard: list[Incoming] = []
        self.errors: list[Exception] = []

    async def handle(self, incoming: Incoming) -> None:
        if self.errors:
            raise self.errors.pop(0)
        self.heard.append(incoming)

    @property
    def texts(self) -> list[str]:
        return [incoming.text for incoming in self.heard]


def channel_to(server: TelegramServer, time: QuickTime | SlowTime) -> TelegramChannel:
    return TelegramChannel(
        TOKEN, base_url=server.base_url, base_file_url=server.base_file_url, timer=time.timer
    )


def says(text: str, *labels: str, private: bool = False) -> Outgoing:
    choices = tuple(Choice(f"k{n}", label, f"tok{n}") for n, label in enumerate(labels))
    return Outgoing("cau", text, choices, private=private)
