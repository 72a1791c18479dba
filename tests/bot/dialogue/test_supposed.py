"""A form that brings its story is supposed to be new: whatever it meets, nobody can tell."""

from functools import partial
from random import Random

import pytest

from bot.dialogue import Dialogue
from bot.messages import Incoming
from intake.errors import DatabaseBusy
from tests.bot.dialogue.page import STORY, Browser, FakePage
from tests.bot.phones import Household
from tests.statements import statements

pytestmark = pytest.mark.anyio
SENT = {**STORY, "send": "1"}


def opened(household: Household, *, looks: bool = False) -> Dialogue:
    """Return a process for pages, or one that supposes nothing."""
    dialogue = household.dialogue()
    dialogue.join(FakePage())
    if looks:
        arrivals = dialogue._arrivals
        arrivals.meet = partial(_meet, arrivals.meet)  # type: ignore[method-assign]
    return dialogue


def _meet(meet, incoming, now, *, look: bool = True):
    return meet(incoming, now)


async def test_the_first_post_of_a_form_reads_nothing(browser: Browser) -> None:
    await Browser(browser.dialogue, "bb" * 16).posts(answers=SENT)  # reads places and keys, once
    with statements() as asked:
        assert await browser.posts(answers=SENT) == ["bien_nhan"]
    assert [each.text for each in asked if each.text.startswith("SELECT")] == []


async def test_a_form_that_is_corrected_goes_on_from_what_is_stored(browser: Browser) -> None:
    assert await browser.posts(answers={**STORY, "where": "số 5"}) == ["xem_lai"]
    assert await browser.posts(answers={**STORY, "what": "bán ma túy ở chợ"}) == ["xem_lai"]
    assert "ở chợ" in str(browser.said[-1].data["toan_van"])


async def test_a_form_that_another_process_has_answered_gets_the_same_receipt(
    browser: Browser, household: Household
) -> None:
    assert await browser.posts(answers=SENT) == ["bien_nhan"]
    elsewhere = Browser(opened(household), browser.token)
    assert await elsewhere.posts(answers=SENT) == ["bien_nhan"]
    assert elsewhere.code == browser.code
    assert household.tips == 1


async def test_a_form_whose_session_key_has_turned_is_still_found(
    browser: Browser, household: Household
) -> None:
    await browser.posts(answers=STORY)
    household.ward.session_keys.rotate(household.ward.clock.now())
    assert await browser.posts(answers=SENT) == ["bien_nhan"]
    assert household.rows == 1
    assert household.tips == 1


async def test_a_spent_form_opens_nothing_in_any_process(
    browser: Browser, household: Household
) -> None:
    await browser.posts(answers=SENT)
    await browser.taps("da_chep")
    for dialogue in (browser.dialogue, opened(household)):
        again = Browser(dialogue, browser.token)
        assert await again.posts(answers=SENT) == ["het_phien"]
    assert household.tips == 1
    assert household.rows == 0


async def test_a_code_that_was_drawn_for_nothing_waits_for_the_next_tip(
    browser: Browser, household: Household
) -> None:
    pool = household.ward.pool
    await browser.posts(answers=SENT)
    pool.fill(2)
    for _ in range(3):
        assert await browser.posts(answers=SENT) == ["bien_nhan"]
    assert len(pool) == 2


async def test_a_code_whose_commit_failed_is_told_to_nobody_else(
    browser: Browser, household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool = household.ward.pool
    pool.fill(2)

    async def write(*_: object) -> None:  # it may have been kept
        raise DatabaseBusy("no answer")

    monkeypatch.setattr(household.ward.intake, "write", write)
    with pytest.raises(DatabaseBusy):
        await browser.posts(answers=SENT)
    assert len(pool) == 1


class Story:
    """What is done to a few forms; told alike to others, which suppose nothing."""

    def __init__(self, household: Household, *, looks: bool) -> None:
        self.household = household
        self.looks = looks
        own = "b" if looks else "a"
        self.restart()
        self.forms = [Browser(self.dialogue, f"{own}{at}" * 16) for at in range(8)]
        self.last: list[Incoming | None] = [None] * len(self.forms)

    def restart(self) -> None:
        self.dialogue = opened(self.household, looks=self.looks)

    async def goes_on(self, what: str, form: int, at: int, n: int) -> list[str]:
        page = self.forms[form]
        if what == "restart":
            self.restart()
        elif what == "minute":
            await self.dialogue.sweep()
        elif incoming := self._incoming(what, form, at, n):
            self.last[form] = incoming
            page.said = await self.dialogue.answer(incoming)
            return [message.key for message in page.said]
        return []

    def _incoming(self, what: str, form: int, at: int, n: int) -> Incoming | None:
        page = self.forms[form]
        choices = [choice for message in page.said for choice in message.choices]
        match what:
            case "story":
                words = (STORY["what"], "quán sát nhà tôi bán ma túy", "bán ma túy ở chợ", "")
                place = "xa dong mau" if at % 5 == 0 else "phường Hoa Mẫu"
                sent = {"send": "1"} if at % 2 else {}
                answers = {"what": words[at % 4], "place": place, "conflict": "no"}
                return Incoming("web", page.token, f"p{n}", answers={**answers, **sent})
            case "tap" if choices:
                return Incoming("web", page.token, f"p{n}", choice=choices[at % len(choices)].token)
            case "again":
                return self.last[form]
        return None


@pytest.mark.parametrize("seed", range(6))
async def test_supposing_changes_nothing(household: Household, seed: int) -> None:
    rng = Random(seed)
    stories = [Story(household, looks=looks) for looks in (False, True)]
    for n in range(120):
        (what,) = rng.choices(["story", "tap", "again", "minute", "restart"], [6, 10, 3, 2, 1])
        form, at = rng.randrange(8), rng.randrange(100)
        if what == "minute":
            household.ward.clock.advance(seconds=rng.choice([61, 400, 2000]))
        supposed, looked = [await story.goes_on(what, form, at, n) for story in stories]
        assert supposed == looked
        assert household.tips % 2 == 0
        assert household.rows % 2 == 0
    assert household.tips > 2
