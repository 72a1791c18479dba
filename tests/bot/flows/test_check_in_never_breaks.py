"""Whatever a leader does, in any order: the flow answers, is short, and files nothing unasked."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from bot.flows import work
from bot.flows.base import Chose, Commanded, Edited, Lost, NotKept, Said
from bot.flows.nudge_words import (
    EXCUSE,
    LATER,
    LOG,
    MISSING,
    SENT,
    SNOOZE,
    STAND_IN,
    TROUBLE,
)
from bot.flows.wish_shapes import Asked, AskStandIn
from bot.flows.work_shapes import (
    AddTo,
    Amend,
    Enrol,
    Failed,
    FileIt,
    Filing,
    Kept,
    Told,
    Undo,
    WorkAct,
    WorkDraft,
    WorkEvent,
    WorkResult,
    WorkState,
    WorkStep,
)
from bot.flows.work_world import Hints, Owner, ReadLine
from bot.rendering import Voice, render
from bot.wording import Wording
from bot.work import speaking
from bot.work.hearing import offering
from intake.check_in_line import read_line, refuses_names, says_not_held
from intake.work.check_in_shapes import CheckInView, Effect, Filed, History
from intake.work.obligations import Owed

WORDING = Wording.load()
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 20)
FACTS = {"dia_chi_web": "https://tin.example/gui-tin"}


def _filing(view: CheckInView) -> Filing:
    return Filing(Filed(check_in_id=view.id, check_in=view, version=1, effects=()))


def _view(state: str = "filed", kind: str = "outreach") -> CheckInView:
    return CheckInView(
        id="ab" * 16, owner_id="n3", owner_name="tổ 3", commune_id="c", kind=kind,
        counts_as=(kind,), done_on=date(2026, 3, 10), state=state, flags=(), filed_at=NOW,
        received_at=NOW, filed_by="leader:x", by_phone=False, after_close=False, version=1,
        question="Họp ở đâu?", photos=0, people=40,
    )  # fmt: skip


def _owed(kind: str, owner: Owner) -> Owed:
    return Owed(
        obligation_id=f"{kind}-{owner.id}", owner_id=owner.id, owner_name=owner.name,
        programme="p", duty=kind, kind=kind, title=f"Việc {kind} theo kế hoạch hằng tháng",
        period="2026-03", period_label="tháng 3/2026", done=0, need=1,
        last_good_on=date(2026, 3, 31), due_at=NOW, state="open", exempt="no", exempt_reason="",
        met=False, timely=False,
    )  # fmt: skip


@dataclass
class StoryWorld:
    """Facts that a story sets."""

    name: str = "Nguyễn Văn Hòa"
    address_as: str = "bác"
    languages: tuple[str, ...] = ("vi", "en")
    now: datetime = NOW
    today: date = TODAY
    owners: tuple[Owner, ...] = (Owner("n3", "tổ dân phố số 3"), Owner("n4", "tổ dân phố số 4"))
    warned: tuple[str, ...] = ()
    joined: bool = True
    sent_back: bool = False
    refusal: str | None = None
    ward: None = None
    filed: list[WorkDraft] = field(default_factory=list[WorkDraft])

    def read(self, text: str) -> ReadLine:
        return read_line(text, self.today)

    def was_not_held(self, text: str) -> bool:
        return says_not_held(text)

    def refuses(self, text: str) -> bool:
        return refuses_names(text)

    def standing(self, owner_id: str, day: date) -> tuple[Owed, ...]:
        known = [each for each in self.owners if each.id == owner_id]
        return tuple(_owed(kind, o) for o in known for kind in ("outreach", "listening_meeting"))

    def foresee(self, draft: WorkDraft) -> tuple[Effect, ...]:
        return tuple(
            Effect(
                obligation_id="o", duty=kind, title="Việc", period="2026-03",
                period_label="tháng 3/2026", done=1, need=1, met=True,
            )
            for kind in draft.kinds
        )  # fmt: skip

    def warnings(self, draft: WorkDraft) -> tuple[str, ...]:
        return self.warned

    def history(self, owner_id: str, kind: str) -> History:
        return History(people=(40, 45), households=(20,), chairs=("Bí thư chi bộ",))

    def same_day(self, draft: WorkDraft) -> tuple[CheckInView, ...]:
        return (_view(),) if "da_co" in self.warned else ()

    def returned(self) -> tuple[CheckInView, ...]:
        return (_view("returned"),) if self.sent_back else ()

    def find(self, check_in_id: str) -> CheckInView | None:
        return _view() if check_in_id == "ab" * 16 else None

    def joins(self, owner_id: str, day: date) -> bool:
        return self.joined

    def hints(self, owner_id: str, kind: str, day: date) -> Hints:
        return Hints(("cấp tỉnh", "cấp xã"), ("MTTQ", "Bí thư"), ("an ninh trật tự",))


class Leader:
    """Takes the flow through a story and answers its acts as the house would."""

    def __init__(self, world: StoryWorld) -> None:
        self.world = world
        self.state = WorkState()
        self.acts: list[WorkAct] = []
        self.before: WorkState = self.state

    def does(self, event: WorkEvent) -> None:
        self.before = self.state
        step = work.hear(self.state, event, self.world)
        self._hears(step)
        while step.act is not None:
            self.acts.append(step.act)
            step = work.hear(step.state, self._result(step.act, step.state), self.world)
            self._hears(step)
        self.state = step.state
        offer = next((each for each in reversed(step.says) if each.choices), None)
        if offer is not None:
            self.state = offering(self.state, offer, "nonce")

    def _hears(self, step: WorkStep) -> None:
        for language in ("vi", "en"):
            says = [speaking.say(each, WORDING, language) for each in step.says]
            voice = Voice(language, buttons=True, max_text=4096, trial=False)
            for message in render(says, WORDING, FACTS, voice, "nonce"):
                assert message.text
                if language == "vi":
                    assert len(message.text.replace("**", "")) < 300, message.text
                assert all(len((c.token or c.key).encode()) <= 64 for c in message.choices)

    def _result(self, act: WorkAct, state: WorkState) -> WorkResult:
        if self.world.refusal is not None and not isinstance(act, Enrol):
            return Failed(self.world.refusal)
        match act:
            case FileIt(sure) if not sure and set(self.world.warned) - set(state.settled):
                return Failed("hoi_truoc")
            case FileIt():
                assert state.draft is not None
                self.world.filed.append(state.draft)
                return _filing(_view())
            case AddTo() | Amend():
                return _filing(_view())
            case Undo():
                return _filing(_view("voided"))
            case AskStandIn():
                return Asked("Trần Thị Lan")
            case _:
                return Told()


LINES = (
    "tuyên truyền 10/3 nhà văn hóa 45 người", "TT+LN 10/3 40 người", "tổ 4 họp lắng nghe hôm qua",
    "tuyên truyền 11/12 NVH 45", "tuyên truyền 31/2", "40", "35 người", "20 hộ", "hôm nay", "9/3",
    "đêm 12 rạng 13 tuyên truyền", "anh Tuấn nhà số 5 bán ma túy", "không tổ chức được", "tổ 9",
    "25/3", "tạm dừng đến 25/3",
    "chào bác", "", "👍", "Lưu", "cả hai", "huy", "5 ý kiến", "x" * 700, "đăng ký xây dựng tổ",
)  # fmt: skip
COMMANDS = (
    "viec", "start", "trogiup", "huy", "nghi", "nhac", "xungho", "thoi", "bao", "moi", "nn", "?",
)  # fmt: skip
OWED = ("outreach-n3", "listening_meeting-n4", "00")
NUDGED = [
    *(Chose(stem + about) for stem in (LOG, LATER, EXCUSE, STAND_IN, TROUBLE) for about in OWED),
    *(Chose(f"{SNOOZE}{day}") for day in ("20260325", "20260101", "x")), Chose(f"{SENT}00"),
    Chose(MISSING), Chose("nghi_den_ngay"), Commanded("nghi", "25/3"), Commanded("nghi", "x"),
]  # fmt: skip
OTHER = (
    Lost(), NotKept("tep_lon"), Kept("ab" * 16, source="m"), Kept("cd" * 16, is_voice=True),
    Kept("ef" * 16, caption="tuyên truyền 10/3 nhà văn hóa 45 người", source="m"),
    Edited("tuyên truyền 12/3 nvh 30 người", "m"), Chose("@sua." + "ab" * 16),
    Chose("@go." + "ab" * 16), Chose("@dap." + "ab" * 16), Chose("@sua.00"), Chose("khong_co"),
)  # fmt: skip
WARNINGS = ("dong_qua", "da_co", "qua_cu", "giong_nhau", "ky_da_khoa")

worlds = st.builds(
    StoryWorld,
    owners=st.sampled_from((
        (), (Owner("n3", "tổ dân phố số 3"),),
        (Owner("n3", "tổ dân phố số 3"), Owner("n4", "tổ dân phố số 4")),
    )),
    warned=st.lists(st.sampled_from(WARNINGS), unique=True).map(tuple),
    joined=st.booleans(),
    sent_back=st.booleans(),
    refusal=st.sampled_from((None, None, None, "khong_ghi_duoc", "hoi_ly_do", "het_10_phut")),
)  # fmt: skip
moves = st.lists(
    st.one_of(
        st.integers(0, 9),  # a button of the last prompt
        st.sampled_from(LINES).map(lambda text: Said(text, "m")),
        st.sampled_from(COMMANDS).map(Commanded),
        st.sampled_from(OTHER),
        st.sampled_from(NUDGED),
        st.text(max_size=40).map(lambda text: Said(text, "t")),
    ),
    max_size=14,
)


@given(worlds, moves)
def test_whatever_is_done_it_answers_and_files_only_what_was_saved(
    world: StoryWorld, story: list[int | WorkEvent]
) -> None:
    leader = Leader(world)
    for move in story:
        if isinstance(move, int):
            offered = leader.state.offered
            move = Chose(offered[move % len(offered)]) if offered else Lost()
        filed = len(world.filed)
        leader.does(move)
        if len(world.filed) > filed:
            assert move == Chose("luu")
            draft = world.filed[-1]
            assert draft.done_on is not None
            assert draft.done_on <= TODAY
            assert draft.kind
            assert draft.owner_id in {each.id for each in world.owners}
            assert leader.before.draft == draft
        words = leader.state.model_dump_json()
        assert "Tuấn" not in words
        assert WorkState.model_validate_json(words) == leader.state
