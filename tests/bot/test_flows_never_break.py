"""Whatever a resident does, in whatever order: no flow crashes, and the product's order holds."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.flows import commands, router
from bot.flows.base import (
    Add,
    Added,
    Chose,
    Commanded,
    Edited,
    Event,
    Filled,
    KeepAddress,
    LookUp,
    Lost,
    News,
    NewsItem,
    NotKept,
    NotSent,
    PhotoKept,
    Said,
    Say,
    Sent,
    State,
    Step,
    Submit,
)
from bot.rendering import Voice, render
from bot.wording import Wording
from intake.drafts import KeptPhoto, TipDraft, compose
from intake.receipts import new_code
from tests.bot.stories import CLOSED, FACTS, PAGE, WARD, StoryWorld

WORDING = Wording.load()
WORDS = st.sampled_from(
    [
        "", " ", ".", "😀😀", "bán ma túy ở ngõ 5", "có người cầm dao", "đối diện nhà tôi",
        "quán sát nhà tôi bán hàng, con tôi học cùng", WARD.label, CLOSED.label, "thuong hong",
        "xã Không Có", "ngõ 12", "hôm qua", "ma túy " * 2000, "\u202etúy", "**đậm** {hotline}",
        "thuong hong, hue", "công an phường bao kê", "1234 5678", "000000000000000000000097",
    ]
)  # fmt: skip
KEYS = st.sampled_from([*sorted(WORDING.language("vi").labels), "noi_0", "noi_3", "khong_co"])
COMMANDS = st.sampled_from([*commands.COMMANDS, "?"])
NEWS = st.lists(
    st.builds(NewsItem, st.sampled_from(["reply", "ask", "state"]), WORDS), max_size=3
).map(tuple)


class ResidentDoesAnything(RuleBasedStateMachine):
    """Drives ``router.hear`` as the dialogue does, and watches what must always hold."""

    def __init__(self) -> None:
        super().__init__()
        self.world = StoryWorld(features=frozenset({"push", "named"}))
        self.state = State()
        self.shown: list[str] = []  # sentences since this dialogue began
        self.previewed: TipDraft | None = None
        self.submitted = 0
        self.message = 0
        self.news: tuple[NewsItem, ...] = ()

    # --- what a resident can do -------------------------------------------------------------------

    @rule(text=WORDS)
    def says(self, text: str) -> None:
        self.message += 1
        self._hear(Said(text, f"m{self.message}"))

    @rule(text=WORDS, back=st.integers(0, 5))
    def edits(self, text: str, back: int) -> None:
        self._hear(Edited(text, f"m{max(0, self.message - back)}"))

    @precondition(lambda self: self.state.offered)
    @rule(data=st.data())
    def taps_what_is_offered(self, data: st.DataObject) -> None:
        self._hear(Chose(data.draw(st.sampled_from(self.state.offered))))

    @precondition(lambda self: "gui" in self.state.offered)
    @rule()
    def sends(self) -> None:
        self._hear(Chose("gui"))

    @rule(steps=st.integers(1, 14), send=st.booleans())
    def goes_straight_on(self, steps: int, send: bool) -> None:
        """Walk towards the receipt, so that the machine often gets there."""
        way = {
            "welcome": Chose("bao"), "danger": Chose("khong_khan"), "consent": Chose("dong_y"),
            "conflict": Chose("cb_khong"), "what": Said("bán ma túy", f"m{self.message}"),
            "place": Said(WARD.label), "raise": Chose("gui_len_tren"), "where": Said("ngõ 12"),
            "when": Chose("da_qua"), "more": Chose("xem_lai_gui"), "phrases": Chose("giu_nguyen"),
        }  # fmt: skip
        for _ in range(steps):
            if self.state.step in way:
                self._hear(way[self.state.step])
        if send and self.state.step == "review" and "gui" in self.state.offered:
            self._hear(Chose("gui"))

    @rule(key=KEYS)
    def taps_any_key(self, key: str) -> None:
        """The dialogue never lets such a tap through; a flow must survive it all the same."""
        if key not in ("gui", "da_chep", "bat"):
            self._hear(Chose(key))

    @rule(name=COMMANDS, argument=st.sampled_from(["", "poster7", "x", "en"]), plain=st.booleans())
    def commands(self, name: str, argument: str, plain: bool) -> None:
        self._hear(Commanded(name, argument, plain=plain))

    @rule(name=COMMANDS, text=st.sampled_from(["Bảo", "Huy"]))
    def types_a_word_that_may_be_a_command(self, name: str, text: str) -> None:
        self.message += 1
        self._hear(Commanded(name, plain=True, said=Said(text, f"m{self.message}")))

    @rule(typed=st.booleans())
    def comes_back(self, typed: bool) -> None:
        code = new_code()
        self._hear(Said(code) if typed else Commanded("xem", code))

    @rule(caption=WORDS)
    def sends_a_picture(self, caption: str) -> None:
        refusal = router.photo_refusal(self.state, self.world)
        photo = KeptPhoto(id=f"{self.message:032x}", key="00" * 32)
        self._hear(refusal or PhotoKept(photo, caption, f"m{self.message}"))

    @rule(reason=st.sampled_from(["danh_ba", "vi_tri", "anh_giay_to", "anh_hong", "qua_lon"]))
    def sends_what_is_not_taken(self, reason: str) -> None:
        self._hear(NotKept(reason))

    @rule(expired=st.booleans())
    def taps_an_old_button(self, expired: bool) -> None:
        self._hear(Lost(expired=expired))

    @rule(news=NEWS)
    def the_unit_answers(self, news: tuple[NewsItem, ...]) -> None:
        self.news = news

    @rule(is_open=st.booleans())
    def the_box_opens_or_closes(self, is_open: bool) -> None:
        self.world.is_open = is_open

    @rule(urgent=st.booleans())
    def words_turn_urgent(self, urgent: bool) -> None:
        self.world.urgent_words = urgent

    # --- the house --------------------------------------------------------------------------------

    def _hear(self, event: Event) -> None:
        step = router.hear(self.state, event, self.world)
        self._watch(step)
        while step.act is not None:
            result = self._perform(step)
            if result is None:
                break
            step = router.hear(step.state, result, self.world)
            self._watch(step)
        self._spoken(step)

    def _perform(self, step: Step) -> Event | None:
        match step.act:
            case Submit():
                assert step.state.draft == self.previewed, "nothing leaves that was not shown"
                assert self.previewed is not None
                self.previewed = None
                if not self.world.is_open:
                    return NotSent("tam_dong")
                self.submitted += 1
                return Sent(new_code())
            case LookUp():
                assert step.state.code
                return News(self.news)
            case Add(text):
                assert step.state.code
                assert text.strip() or step.state.draft.photos
                return Added()
            case KeepAddress():
                assert step.state.push
                return None
            case _:
                self.shown.clear()
                return None

    def _watch(self, step: Step) -> None:
        offers = [say for say in step.says if say.choices]
        for say in step.says:
            self.shown.append(say.key)
            if say.key == "dong_y":
                assert "nguy_hiem" in self.shown, "113 stands before consent"
                assert self.world.channel.anonymity_text in self.shown
            if say.key == "hoi_can_bo":
                assert "dong_y" in self.shown
            if say.key == "xem_lai":
                assert say.values["toan_van"] == compose(step.state.draft)
                self.previewed = step.state.draft
        if offers:
            self.state = self.state.but(offered=offers[-1].choices)

    def _spoken(self, step: Step) -> None:
        """Say everything in every language: no value may be missing, no label unknown."""
        for language in WORDING.languages:
            voice = Voice(language, buttons=True, max_text=4096, trial=False)
            says: tuple[Say, ...] = step.says
            render(says, WORDING, FACTS, voice, "nonce")
        offered = next((s.choices for s in reversed(step.says) if s.choices), None)
        if offered is not None:
            self.state = step.state.but(offered=offered)
        elif (step.state.flow, step.state.step) != (self.state.flow, self.state.step):
            self.state = step.state.but(offered=())
        else:
            self.state = step.state.but(offered=self.state.offered)

    # --- what always holds ------------------------------------------------------------------------

    @invariant()
    def the_draft_holds_nothing_before_consent(self) -> None:
        if "consent" not in self.state.answered and self.state.flow != "follow_up":
            assert replace_area(self.state.draft) == TipDraft()
            assert self.state.sources == ()

    @invariant()
    def the_code_lives_only_while_a_receipt_or_a_look_needs_it(self) -> None:
        if self.state.code:
            assert self.state.flow == "follow_up" or self.state.step in ("receipt", "push")

    @invariant()
    def the_prompt_can_always_be_asked_again(self) -> None:
        assert router.prompt(self.state, self.world).says

    @invariant()
    def the_state_survives_its_sealed_row(self) -> None:
        assert State.model_validate_json(self.state.model_dump_json(exclude_defaults=True)) == (
            self.state
        )

    @invariant()
    def nothing_of_it_shows_in_a_repr(self) -> None:
        assert "ma túy" not in repr(self.state)


def replace_area(draft: TipDraft) -> TipDraft:
    return draft.model_copy(update={"area_id": None})


TestResidentDoesAnything = ResidentDoesAnything.TestCase
ANY_ORDER = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestResidentDoesAnything.settings = ANY_ORDER


class PageDoesAnything(RuleBasedStateMachine):
    """A page posts forms: whatever it posts, it gets a question, a preview or a receipt."""

    def __init__(self) -> None:
        super().__init__()
        self.world = StoryWorld(channel=PAGE)
        self.state = State()
        self.sent = 0
        self.said: set[str] = set()

    @rule(
        what=WORDS,
        where=WORDS,
        place=WORDS,
        conflict=st.sampled_from(["no", "yes", "unknown", "", "x"]),
        send=st.booleans(),
        photos=st.integers(0, 2),
    )
    def posts(
        self, what: str, where: str, place: str, conflict: str, send: bool, photos: int
    ) -> None:
        kept = tuple(KeptPhoto(id=f"{at:032x}", key="00" * 32) for at in range(photos))
        answers = {"what": what, "where": where, "place": place, "conflict": conflict}
        self._hear(Filled(answers, kept, send=send))

    @precondition(lambda self: self.state.offered)
    @rule(data=st.data())
    def taps(self, data: st.DataObject) -> None:
        self._hear(Chose(data.draw(st.sampled_from(self.state.offered))))

    @rule(text=WORDS)
    def types(self, text: str) -> None:
        self._hear(Said(text))

    def _hear(self, event: Event) -> None:
        step = router.hear(self.state, event, self.world)
        says = list(step.says)
        while isinstance(step.act, Submit | LookUp | Add):
            draft = step.state.draft
            if isinstance(step.act, Submit):
                assert draft.conflict is not None
                assert draft.what or draft.photos
                self.sent += 1
                result: Event = Sent(new_code())
            else:
                result = News() if isinstance(step.act, LookUp) else Added()
            step = router.hear(step.state, result, self.world)
            says += step.says
        offered = next((s.choices for s in reversed(says) if s.choices), ())
        self.state = step.state.but(offered=offered)
        self.said |= {say.key for say in says}
        assert says, "a page is never empty"

    @invariant()
    def one_receipt_at_a_time(self) -> None:
        if self.state.step == "receipt":
            before = self.sent
            self._hear(Filled({"what": "bán ma túy", "conflict": "no"}, send=True))
            assert self.sent == before
            assert self.state.step == "receipt"


TestPageDoesAnything = PageDoesAnything.TestCase
TestPageDoesAnything.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
