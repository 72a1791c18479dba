"""A ward with leaders: real services and rules, phones over a fake platform, one work desk each."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bot.dialogue import Dialogue
from bot.messages import Attachment, Kind
from bot.pictures import Cleaner
from bot.work.engine import WorkDesk
from bot.work.opening import open_workplace
from bot.work.world import Workplace
from intake.limits import Buckets
from intake.work.check_in_shapes import CheckInView
from intake.work.leaders import Leader, Leaders
from tests.bot.phones import FakeCleaner, FakePlatform, Household, Phone

TO_3, TO_4 = "D1-01-03", "D1-01-04"
MONTHLY = "viec-hang-thang-cua-to"
TODAY = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)  # a Friday, nine in the morning in Vietnam
VOICE = b"OggS a voice"


@dataclass
class Workday(Household):
    """A ward in which the monthly template applies, and its leaders."""

    leaders: Leaders = field(init=False)
    workplace: Workplace = field(init=False)

    def __post_init__(self) -> None:
        self.ward.clock.set(TODAY)
        self.leaders = Leaders(self.ward.intake)
        self.workplace = open_workplace(self.ward.intake, self.ward.settings)
        self.workplace.uses.use("D1-01", MONTHLY, date(2026, 1, 1))
        self.workplace.obligations.open_period(self.ward.clock.today())

    def desk(self, cleaner: Cleaner | None = None) -> WorkDesk:
        """Return a fresh work desk, as after a restart."""
        return WorkDesk(
            self.ward.intake,
            self.leaders,
            self.workplace,
            self.wording,
            self.ward.settings,
            Buckets(self.ward.clock, allowances=self.allowances),
            cleaner or FakeCleaner(),
        )

    def dialogue(self, **more: object) -> Dialogue:
        """Return a fresh dialogue with a fresh work desk, as after a restart."""
        return super().dialogue(work=self.desk(), **more)

    def leader(self, *owners: str, name: str = "Nguyễn Văn Hòa", address_as: str = "bác") -> Leader:
        """Return a leader who looks after these since the beginning of the year."""
        leader = self.leaders.add(name, address_as)
        for owner in owners or (TO_3,):
            self.leaders.assign(leader.id, owner, since=date(2026, 1, 1))
        return leader

    async def enrolled(
        self, *owners: str, address: str = "100", platform: FakePlatform | None = None
    ) -> Phone:
        """Return the phone of a leader who has said yes to an invite."""
        leader = self.leader(*owners)
        phone = self.phone(platform, address=address)
        await phone.says(f"/start moi_{self.leaders.invite(leader.id)}")
        if phone.platform.capabilities.buttons:
            return await phone.taps("dong_y_viec")
        return await phone.says("1")

    def phone(
        self,
        platform: FakePlatform | None = None,
        dialogue: Dialogue | None = None,
        address: str = "100",
    ) -> Phone:
        return super().phone(platform, dialogue, address)

    @property
    def filed(self) -> list[CheckInView]:
        """Everything that is filed for the two neighbourhoods, by day."""
        with self.ward.intake.read() as view:
            rows = view.connection.exec_driver_sql("SELECT id FROM check_in").scalars().all()
        found = [self.workplace.check_ins.find(bytes(row).hex()) for row in rows]
        return sorted(found, key=lambda each: (each.done_on, each.filed_at))

    def done(self, owner: str, kind: str, day: date) -> tuple[int, int]:
        """Return how many are done and needed."""
        standing = self.workplace.obligations.standing(owner, day)
        owed = next(each for each in standing if each.kind == kind)
        return owed.done, owed.need


def minutes(clock_now: datetime, ago: float) -> datetime:
    """Return a moment some minutes ago."""
    return clock_now - timedelta(minutes=ago)


def voice(phone: Phone, data: bytes = VOICE) -> tuple[Attachment, ...]:
    """Return a voice note that the platform holds."""
    ref = f"voice{len(phone.platform.files)}"
    phone.platform.files[ref] = data
    return (Attachment(Kind.VOICE, ref, len(data)),)
