"""The web door: a form, a preview and a receipt; a code and its answers. No script, no cookie.

Every step goes through the same dialogue as a chat. The random part of the one-time form token is
the "address": it lives in the page, in RAM and under the session key, and says nothing about
anybody. This module decides nothing about a tip and keeps nothing: pictures wait in RAM while their
request is served.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.channels.base import Capabilities
from bot.channels.page import PageChannel
from bot.channels.web_posts import answers_of, name_of
from bot.forms import Form, read_form
from bot.guard import client_of
from bot.messages import Attachment, Incoming, Kind, Outgoing
from bot.pages.front import HTML, Front
from bot.pages.plain import Draft, Shown, is_expired
from bot.pages.screens import TYPED
from bot.policy import FORM_BODY
from bot.world import max_photos
from intake.drafts import MAX_TEXT
from intake.errors import TryLater
from intake.limits import Buckets, Slow
from intake.ports import Clock
from intake.settings import Settings
from intake.vault.drafts import FormBad, FormExpired, SessionKeys

FORM_LIFE = timedelta(hours=2)
_STEPS_PER_DRAW = 12
_MOST_TOKENS = 20_000
_BUTTON = re.compile(r"[0-9a-f]{8}-[0-9a-z_]{1,20}")


class Dialogue(Protocol):
    """The part of the dialogue that this door uses."""

    async def answer(self, incoming: Incoming) -> tuple[Outgoing, ...]:
        """Take one step and return what to say, after the durable commit."""
        ...


class WebChannel(PageChannel):
    """The channel port of the residents' page."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            Capabilities(
                name="web",
                buttons=True,
                deletes=False,
                media=max_photos(settings) > 0,
                push=False,
                max_text=MAX_TEXT,
                max_media_bytes=settings.max_upload_mb * 1024 * 1024,
                anonymity_text="an_danh.web",
            )
        )

    def hold(self, form: Form) -> tuple[Attachment, ...]:
        """Keep pictures in RAM until ``release``; return handles, also of those left out."""
        if form.words_only:
            return (Attachment(Kind.PHOTO, is_picture=True, most_together=FORM_BODY),)
        here = [self._keep(picture) for picture in form.pictures]
        return (*here, *[self._too_large()] * form.too_large)


@dataclass(frozen=True, slots=True)
class _Post:
    """One posted form: whose it is (the token's random part), what it holds, what it carries on."""

    address: str
    form: Form
    draft: Draft


class WebDoor:
    """Serves ``/gui-tin`` and ``/tra-cuu``."""

    def __init__(
        self,
        dialogue: Dialogue,
        channel: WebChannel,
        front: Front,
        *,
        session_keys: SessionKeys,
        limits: Buckets,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._dialogue = dialogue
        self._channel = channel
        self._front = front
        self._screens = front.screens
        self._news = front.news
        self._keys = session_keys
        self._limits = limits
        self._proxies = settings.trusted_proxies
        self._clock = clock
        self._steps: OrderedDict[str, int] = OrderedDict()  # posts per token, while they matter

    def routes(self) -> list[Route]:
        """Return this door's routes."""
        return [
            Route("/gui-tin", self.form, methods=["GET"]),
            Route("/gui-tin", self.post_tip, methods=["POST"]),
            Route("/tra-cuu", self.code, methods=["GET"]),
            Route("/tra-cuu", self.post_code, methods=["POST"]),
        ]

    # --- a tip -----------------------------------------------------------------------------------

    async def form(self, request: Request) -> Response:
        """Show the empty form, or that no box is open."""
        language = self._front.language(request)
        return _page(self._front.form(language, self._new_token(), request.query_params.get("q")))

    async def post_tip(self, request: Request) -> Response:
        """Take one step of a tip: answers, a button, words or pictures."""
        form = await self._read(request)
        typed = {name: form.get(name) for name in TYPED if name in form.fields}
        draft = Draft(form.get("token"), self._front.language(request), typed)
        try:
            address = self._keys.read_form_token(draft.token, self._clock.now())
        except (FormBad, FormExpired):
            return _page(self._form_again(draft))
        if form.get("go") == "edit":
            return _page(self._screens.form(draft))
        if not self._front.open:
            return _page(self._front.closed(draft.language))
        try:
            self._count(request, address, form)
        except Slow as slow:
            return _page(self._screens.form(draft, self._front.too_many(draft.language, slow)))
        return _page(await self._tell(_Post(address, form, draft)))

    async def _tell(self, post: _Post) -> Shown:
        """Take the step; what cannot be kept now is shown again, or its button is."""
        form, draft = post.form, post.draft
        try:
            said = await self._step(post, answers_of(form))
        except TryLater:
            if form.get("choice"):
                return self._try_again(form, draft, "/gui-tin")
            if form.get("go") == "send":  # a client that reads no page
                raise
            return self._screens.form(draft, self._front.busy(draft.language))
        if form.get("drop"):
            return self._screens.dropped(draft)
        return self._form_again(draft) if is_expired(said) else self._screens.tip(said, draft)

    def _try_again(self, form: Form, draft: Draft, path: str) -> Shown:
        """Return the page that offers the button once more; a refusal repeats nothing typed.

        Raises:
            TryLater: that was no button of ours.
        """
        if not _BUTTON.fullmatch(form.get("choice")):
            raise TryLater("not a button of ours")
        return self._front.try_again(draft, form.get("choice"), path)

    def _form_again(self, draft: Draft) -> Shown:
        """Return the form with what was typed and a fresh token, and say why."""
        fresh = Draft(self._new_token(), draft.language, draft.typed)
        return self._screens.form(fresh, self._front.plain.expired(draft.language))

    # --- coming back -----------------------------------------------------------------------------

    async def code(self, request: Request) -> Response:
        """Ask for a code."""
        return _page(self._front.code(self._front.language(request), self._new_token()))

    async def post_code(self, request: Request) -> Response:
        """Look a code up, or add something under the one just looked up."""
        form = await self._read(request)
        language = self._front.language(request)
        token, address = self._token_for_code(form.get("token"))
        draft = Draft(token, language, {"add": form.get("add")})
        who = client_of(request, self._proxies)
        adds = form.get("go") == "add"
        try:
            if not form.get("choice"):
                self._limits.take("filing" if adds else "look_up", who)
            self._count_pictures(who, form)
        except Slow as slow:
            if not adds:
                raise
            return _page(self._news.addition(draft, self._front.too_many(language, slow)))
        answers = {} if form.get("choice") else {name: form.get(name) for name in ("code", "add")}
        try:
            said = await self._step(_Post(address, form, draft), answers)
        except TryLater:
            if form.get("choice"):
                return _page(self._try_again(form, draft, "/tra-cuu"))
            if not draft.value("add"):  # a typed code is never put back into a page
                raise
            return _page(self._news.addition(draft, self._front.busy(language)))
        return _page(self._news.news(said, draft))

    def _token_for_code(self, token: str) -> tuple[str, str]:
        """Return the token and its address; an old one is simply replaced, nothing hangs on it."""
        now = self._clock.now()
        try:
            return token, self._keys.read_form_token(token, now)
        except (FormBad, FormExpired):
            fresh = self._new_token()
            return fresh, self._keys.read_form_token(fresh, now)

    # --- shared ----------------------------------------------------------------------------------

    async def _read(self, request: Request) -> Form:
        return await read_form(request, self._channel.capabilities.max_media_bytes)

    def _new_token(self) -> str:
        return self._keys.form_token(self._clock.now(), FORM_LIFE)

    def _count(self, request: Request, address: str, form: Form) -> None:
        """Draw from the flood buckets; the sender's network address is used here and dropped.

        One token files at most one tip, so a token draws once, however often its owner corrects
        the words; only a token that goes on and on draws again.
        """
        who = client_of(request, self._proxies)
        steps = self._steps.pop(address, 0)
        if steps % _STEPS_PER_DRAW == 0:
            self._limits.take("filing", who)
        self._steps[address] = steps + 1
        if len(self._steps) > _MOST_TOKENS:
            self._steps.popitem(last=False)
        self._count_pictures(who, form)

    def _count_pictures(self, who: str, form: Form) -> None:
        for _ in form.pictures:
            self._limits.take("upload", who)

    async def _step(self, post: _Post, answers: dict[str, str]) -> tuple[Outgoing, ...]:
        attachments = self._channel.hold(post.form)
        try:
            return await self._dialogue.answer(
                Incoming(
                    channel="web",
                    address=post.address,
                    message_id=name_of(post.form),
                    text=post.form.get("text"),
                    attachments=attachments,
                    choice=post.form.get("choice") or post.form.get("drop") or None,
                    answers=answers,
                    language=post.draft.language,
                )
            )
        finally:
            self._channel.release(attachments)


def _page(shown: Shown) -> Response:
    return Response(shown.body, shown.status, media_type=HTML)
