"""Any story, served by processes that remember, goes as it goes with processes that do not."""

from dataclasses import replace
from random import Random

import pytest

from bot.messages import Attachment, Incoming, Kind
from tests.bot.phones import Household, Phone

pytestmark = pytest.mark.anyio
TEXTS = (
    "/bao", "/bao", "/huy", "/xoa", "/dung", "/start", "/trogiup", "/xem", "/nn", "1", "2",
    "bán ma tuý ở quán nước", "đối diện nhà tôi", "phường Hoa Mẫu", "số 5 ngõ 12", "tối qua",
)  # fmt: skip
DOINGS = {"text": 5, "tap": 14, "old tap": 2, "photo": 2, "again": 3, "edit": 1, "minute": 1}


class Story:
    """What happens to one chat; told alike to another, each by its own processes."""

    def __init__(self, phone: Phone, servers: list[Phone]) -> None:
        self.phone = phone
        self.servers = servers
        self.past: list[Incoming] = []
        phone.platform.files["photo"] = b"picture"

    async def goes_on(self, household: Household, turn: int, what: str, at: int, n: int) -> None:
        server = self.servers[turn % len(self.servers)].dialogue
        if what == "minute":
            await server.sweep()
        elif incoming := self._incoming(what, at, n):
            self.past.append(incoming)
            await server.handle(incoming)
        await server.settle()

    def _incoming(self, what: str, at: int, n: int) -> Incoming | None:
        plain = Incoming("telegram", self.phone.address, f"u{n}")
        asked = [message.choices for message in self.phone.screen if message.choices]
        match what:
            case "text":
                return replace(plain, text=TEXTS[at % len(TEXTS)])
            case "tap" | "old tap" if asked:
                back = at % min(6, len(asked)) if what == "old tap" else 0
                choices = asked[-1 - back]
                first = what == "tap" and at % 3
                return replace(plain, choice=choices[0 if first else at % len(choices)].token)
            case "photo":
                return replace(plain, attachments=(Attachment(Kind.PHOTO, "photo", 7),))
            case "again" if self.past:
                return self.past[-1 - at % min(8, len(self.past))]
            case "edit":
                return replace(
                    plain, message_id=f"u{max(1, n - at % 5)}", text="ở chợ", edited=True
                )
        return None


@pytest.mark.parametrize("processes", [1, 2])
@pytest.mark.parametrize("deletes", [True, False])
@pytest.mark.parametrize("seed", range(4))
async def test_memory_changes_nothing(
    household: Household, seed: int, deletes: bool, processes: int
) -> None:
    rng = Random(f"{seed} {deletes} {processes}")
    stories: list[Story] = []
    for address, forgetful in (("1", False), ("2", True)):
        phone = household.phone(address=address)
        phone.platform.capabilities = replace(phone.platform.capabilities, deletes=deletes)
        servers = [household.restart(phone, forgetful=forgetful) for _ in range(processes)]
        stories.append(Story(phone, servers))
    with_memory, without = stories
    for n in range(1, 100):
        (what,) = rng.choices(list(DOINGS), list(DOINGS.values()))
        turn, at = rng.randrange(2), rng.randrange(100)
        if what == "minute":
            household.ward.clock.advance(seconds=rng.choice([20, 61]))
        for story in stories:
            await story.goes_on(household, turn, what, at, n)
        assert with_memory.phone.heard() == without.phone.heard()
    for seen in ("fetched", "deleted"):
        one, other = (getattr(story.phone.platform, seen) for story in stories)
        assert len(one) == len(other)
