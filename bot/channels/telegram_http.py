"""The HTTP client under Telegram's library: aiohttp, and neither what came nor where it was asked.

The library's own client takes eight times the processor time for a call, goes through all calls
that wait at each of them, prints an answer it cannot parse, whole, and turns "too many requests"
into an error that warns about itself.
"""

import json
import ssl
from io import BytesIO
from typing import Any, cast
from urllib.parse import urlsplit

import aiohttp
import certifi
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from intake.errors import Misconfigured

TOO_MANY_REQUESTS = 429
PATIENCE = 120.0  # seconds to wait for a free connection: late is better than never
READ = 10.0  # seconds between two pieces of an answer
_CONNECT = 10.0  # seconds to reach the other side
_LONGEST = 300.0  # seconds for a call with all its waiting
_PROXIES = ("http", "https")
_PLAIN = {"Content-Type": "application/x-www-form-urlencoded"}


class Flooded(TelegramError):
    """Telegram asks for a pause of ``seconds``."""

    def __init__(self, seconds: float) -> None:
        super().__init__("too many requests")
        self.seconds = seconds


_BROKEN = (aiohttp.ClientError, TimeoutError, OSError)
_NEVER_LEFT = (
    aiohttp.ClientConnectorError,  # a proxy that is not there among them
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
)


def may_have_arrived(error: TelegramError) -> bool:
    """Return whether the line broke after the request had left."""
    cause = error.__cause__
    return isinstance(cause, _BROKEN) and not isinstance(cause, _NEVER_LEFT)


class BotRequest(BaseRequest):
    """The client of one bot; ``proxy`` is the only way round, variables are not looked at.

    Calls for which no connection is free wait in the order in which they came.
    """

    __slots__ = ("_connections", "_patience", "_proxy", "_read", "_session")

    def __init__(
        self, *, proxy: str | None, connections: int, read: float = READ, patience: float = PATIENCE
    ) -> None:
        """Open nothing yet.

        Raises:
            Misconfigured: a proxy of a kind that cannot be used.
        """
        self._proxy = _checked(proxy)
        self._connections = connections
        self._read, self._patience = read, patience
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """Seconds between two pieces of an answer."""
        return self._read

    async def initialize(self) -> None:
        """Nothing: the first call opens what it needs."""

    async def shutdown(self) -> None:
        """Close all connections; a later call opens new ones."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: object = None,
        *others: object,
        **named: object,
    ) -> tuple[int, bytes]:
        """Make one call; return its status and its body. The other times are this class's own.

        Raises:
            Flooded: with the seconds that Telegram named.
            TimedOut, NetworkError: the line broke; see `may_have_arrived`.
        """
        del others, named
        read = float(read_timeout) if isinstance(read_timeout, (int, float)) else self._read
        body = _body(request_data)
        try:
            async with self._opened().request(
                method,
                url,
                data=body,
                headers=_PLAIN if isinstance(body, bytes) else None,
                timeout=aiohttp.ClientTimeout(_LONGEST, self._patience, read, _CONNECT),
                allow_redirects=False,
            ) as answer:
                status, payload = answer.status, await answer.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError("the line broke") from error
        if status == TOO_MANY_REQUESTS:
            raise Flooded(_pause(payload))
        return status, payload

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            trusted = ssl.create_default_context(cafile=certifi.where())
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=trusted),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                proxy=self._proxy,
                trust_env=False,
            )
        return self._session

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Return the parsed answer.

        Raises:
            TelegramError: not what the Bot API answers; the library would have logged it whole.
        """
        try:
            answer: object = json.loads(payload)
        except ValueError:
            raise TelegramError("the answer is not JSON") from None
        if not isinstance(answer, dict) or not ({"result", "description"} & answer.keys()):
            raise TelegramError("the answer is not one of the Bot API")
        return cast("dict[str, Any]", answer)


def _checked(proxy: str | None) -> str | None:
    try:
        found = urlsplit(proxy or "http://none")
        usable = found.scheme in _PROXIES and bool(found.hostname) and found.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise Misconfigured("telegram.proxy cannot be used as it stands")
    return proxy


def _body(data: RequestData | None) -> bytes | aiohttp.FormData:
    """Return what a call says: in the form of `_PLAIN`, or of many parts where it has files."""
    if data is None:
        return b""
    if not data.contains_files:
        return data.url_encoded_parameters().encode()
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, kind) in data.multipart_data.items():
        file = BytesIO(content) if isinstance(content, bytes) else content
        form.add_field(name, file, filename=filename, content_type=kind)
    return form


def _pause(payload: bytes) -> float:
    """Return the seconds that a 429 asks for; 1 when it does not say."""
    try:
        return max(1.0, float(json.loads(payload)["parameters"]["retry_after"]))
    except (ValueError, KeyError, TypeError):
        return 1.0
