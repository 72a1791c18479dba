"""A phone in a resident's hand: a fake platform at the channel port, real services behind it."""

import itertools
from dataclasses import dataclass, field

from bot.channels.base import AddressGone, Capabilities
from bot.dialogue import Dialogue
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.wording import Wording
from intake.errors import BadPicture, ChannelDown
from intake.limits import Allowance, Buckets
from tests.wards import Ward

PLENTY = {
    name: Allowance(10_000, 10_000.0)
    for name in ("filing", "look_up", "upload", "bad_post", "sign_in")
}


class FakePlatform:
    """A chat platform that keeps what it was sent and can go down."""

    def __init__(
        self, name: str = "telegram", *, buttons: bool = True, deletes: bool = True
    ) -> None:
        self.capabilities = Capabilities(
            name=name,
            buttons=buttons,
            deletes=deletes,
            media=True,
            push=True,
            max_text=4096,
            max_media_bytes=1_000_000,
            anonymity_text="an_danh.demo" if name == "demo" else "an_danh.telegram",
        )
        self.sent: list[tuple[str, str, Outgoing]] = []  # address, message id, message
        self.deleted: list[str] = []
        self.files: dict[str, bytes] = {}
        self.fetched: list[str] = []
        self.down = False
        self.gone = False
        self.keeps_messages = False
        self.too_old: set[str] = set()
        self.asked_to_delete: list[list[str]] = []
        self._ids = itertools.count(1)

    async def fetch(self, attachment: Attachment, limit: int) -> bytes:
        self.fetched.append(attachment.ref)
        data = self.files[attachment.ref]
        if len(data) > limit:
            raise BadPicture("too large")
        return data

    async def send(self, address: str, message: Outgoing) -> str:
        if self.gone:
            raise AddressGone("left")
        if self.down:
            raise ChannelDown("down")
        message_id = f"b{next(self._ids)}"
        self.sent.append((address, message_id, message))
        return message_id

    async def delete(self, address: str, message_ids: list[str]) -> list[str]:
        self.asked_to_delete.append(list(message_ids))
        if self.down or self.keeps_messages:
            return message_ids
        kept = [each for each in message_ids if each in self.too_old]
        self.deleted.extend(each for each in message_ids if each not in kept)
        return kept


class FakeCleaner:
    """Redraws pictures by marking them; refuses what does not look like one."""

    async def clean(self, data: bytes) -> bytes:
        if not data.startswith(b"picture"):
            raise BadPicture("broken")
        return b"clean " + data


@dataclass
class Phone:
    """One chat."""

    dialogue: Dialogue
    platform: FakePlatform
    address: str = "4711"
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    last: Incoming | None = None

    # --- doing ------------------------------------------------------------------------------------

    async def does(self, **what: object) -> "Phone":
        """Do one thing and wait for the answers."""
        message_id = str(what.pop("message_id", None) or f"u{next(self.ids)}")
        name = self.platform.capabilities.name
        self.last = Incoming(name, self.address, message_id, **what)  # type: ignore[arg-type]
        await self.dialogue.handle(self.last)
        await self.dialogue.settle()
        return self

    async def says(self, *texts: str) -> "Phone":
        for text in texts:
            await self.does(text=text)
        return self

    async def taps(self, *keys: str) -> "Phone":
        for key in keys:
            await self.does(choice=self.token(key))
        return self

    async def shows(self, data: bytes, caption: str = "", **more: object) -> "Phone":
        ref = f"file{len(self.platform.files)}"
        self.platform.files[ref] = data
        attachment = Attachment(Kind.PHOTO, ref, len(data))
        return await self.does(text=caption, attachments=(attachment,), **more)

    async def again(self) -> "Phone":
        """The platform delivers the last thing once more."""
        assert self.last is not None
        await self.dialogue.handle(self.last)
        await self.dialogue.settle()
        return self

    async def tells(self, what: str = "bán ma túy ở quán nước") -> "Phone":
        """Go from the welcome to the preview."""
        await self.says("/bao")
        await self.taps("khong_khan", "dong_y", "cb_khong")
        await self.says(what, "phường Hoa Mẫu", "số 5 ngõ 12")
        return await self.taps("hay_buoi_toi", "xem_lai_gui")

    async def sends_tip(self) -> "Phone":
        """Go from the welcome to the receipt."""
        await self.tells()
        return await self.taps("gui")

    # --- seeing -----------------------------------------------------------------------------------

    @property
    def shown(self) -> set[str]:
        """The ids of everything that was ever shown here."""
        return {
            message_id for address, message_id, _ in self.platform.sent if address == self.address
        }

    @property
    def screen(self) -> list[Outgoing]:
        return [message for address, _, message in self.platform.sent if address == self.address]

    @property
    def hears(self) -> str:
        """The key of the last message."""
        return self.screen[-1].key

    def heard(self, since: int = 0) -> list[str]:
        return [message.key for message in self.screen[since:]]

    def token(self, key: str) -> str:
        """Return the token of the newest button with this key."""
        for message in reversed(self.screen):
            for choice in message.choices:
                if choice.key == key:
                    return choice.token
        raise AssertionError(f"no button {key}; last: {[m.key for m in self.screen[-3:]]}")

    @property
    def code(self) -> str:
        receipt = next(message for message in reversed(self.screen) if message.key == "bien_nhan")
        return "".join(str(receipt.data[f"m{at}"]) for at in range(1, 7))


@dataclass
class Household:
    """A ward, and as many dialogues (processes) and phones over it as a test wants."""

    ward: Ward
    wording: Wording = field(default_factory=Wording.load)
    allowances: dict[str, Allowance] = field(default_factory=lambda: PLENTY)

    def dialogue(self, **more: object) -> Dialogue:
        """Return a fresh dialogue, as after a restart or in another process."""
        ward = self.ward
        settings = more.pop("settings", ward.settings)
        return Dialogue(
            ward.intake,
            ward.tips,
            ward.follow_up,
            ward.session_keys,
            ward.foundation.places,
            self.wording,
            settings,  # type: ignore[arg-type]
            Buckets(ward.clock, allowances=self.allowances),
            FakeCleaner(),
            **more,  # type: ignore[arg-type]
        )

    def phone(
        self,
        platform: FakePlatform | None = None,
        dialogue: Dialogue | None = None,
        address: str = "4711",
    ) -> Phone:
        platform = platform or FakePlatform()
        dialogue = dialogue or self.dialogue()
        dialogue.join(platform)
        return Phone(dialogue, platform, address)

    def restart(self, phone: Phone, *, forgetful: bool = False) -> Phone:
        """Return the same phone over a new process; ``forgetful``: as one of several would be."""
        processes = {"bot_processes": 2} if forgetful else {}
        dialogue = self.dialogue(settings=self.ward.settings.model_copy(update=processes))
        dialogue.join(phone.platform)
        return Phone(dialogue, phone.platform, phone.address, phone.ids, phone.last)

    async def passes(self, phone: Phone, minutes: int) -> None:
        """Let minutes pass, each with its minute job."""
        for _ in range(minutes):
            self.ward.clock.advance(minutes=1)
            await phone.dialogue.sweep()
            await phone.dialogue.settle()

    @property
    def tips(self) -> int:
        """How many tips are stored."""
        return self._count("tip")

    @property
    def rows(self) -> int:
        """How many open dialogues are stored."""
        return self._count("draft")

    def count(self, table: str) -> int:
        return self._count(table)

    def _count(self, table: str) -> int:
        with self.ward.intake.read() as view:
            return int(
                view.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
            )
