"""What a unit of work gets in hand: the stores, all on one connection.

A unit of work is short, touches nothing but its ``Tx``, opens no session, savepoint or commit of
its own, and may be run again.
"""

from sqlalchemy import Connection

from storage.areas import AreaStore
from storage.audit import AuditStore
from storage.drafts import DraftStore
from storage.jobs import JobStore
from storage.keys import KeyStore
from storage.officers import OfficerStore
from storage.pushes import PushStore
from storage.tips import TipStore


class View:
    """The stores, for reading; the database itself refuses a write through it."""

    __slots__ = (
        "areas",
        "audit",
        "connection",
        "drafts",
        "jobs",
        "keys",
        "officers",
        "pushes",
        "tips",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tips = TipStore(connection)
        self.drafts = DraftStore(connection)
        self.officers = OfficerStore(connection)
        self.areas = AreaStore(connection)
        self.keys = KeyStore(connection)
        self.audit = AuditStore(connection)
        self.pushes = PushStore(connection)
        self.jobs = JobStore(connection)


class Tx(View):
    """The stores, for writing: what happens here is kept as a whole or not at all."""

    __slots__ = ()
