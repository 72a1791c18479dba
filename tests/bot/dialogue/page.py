"""A resident's form in a browser, at the dialogue: its token is its address."""

from bot.channels.base import Capabilities
from bot.dialogue import Dialogue
from bot.messages import Attachment, Incoming, Outgoing
from intake.errors import ChannelDown

STORY = {"conflict": "no", "place": "phường Hoa Mẫu", "what": "bán ma túy ở quán nước"}


class FakePage:
    """A page: it hands out pictures and can be told nothing."""

    capabilities = Capabilities(
        name="web",
        buttons=True,
        deletes=False,
        media=True,
        push=False,
        max_text=8000,
        max_media_bytes=1_000_000,
        anonymity_text="an_danh.web",
    )

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        return b"picture " + attachment.ref.encode()

    async def send(self, address: str, message: Outgoing) -> str:
        raise ChannelDown("a page cannot be written to")

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        return message_ids


class Browser:
    """One form in one browser."""

    def __init__(self, dialogue: Dialogue, token: str = "aa" * 16) -> None:
        self.dialogue = dialogue
        self.token = token
        self.said: tuple[Outgoing, ...] = ()
        self._number = 0

    async def posts(self, **what: object) -> list[str]:
        self._number += 1
        self.said = await self.dialogue.answer(
            Incoming("web", self.token, f"p{self._number}", **what)  # type: ignore[arg-type]
        )
        return [message.key for message in self.said]

    async def taps(self, key: str) -> list[str]:
        choices = [choice for message in self.said for choice in message.choices]
        return await self.posts(choice=next(c.token for c in choices if c.key == key))

    @property
    def code(self) -> str:
        return "".join(str(self.said[-1].data[f"m{n}"]) for n in range(1, 7))
