"""What a unit of work gets in hand: the stores, all on one connection.

A unit of work is short, touches nothing but its ``Tx``, opens no session, savepoint or commit of
its own, and may be run again.
"""

from sqlalchemy import Connection

from storage.areas import AreaStore
from storage.arrivals import ArrivalStore
from storage.ask_backs import AskBackStore
from storage.assignments import AssignmentStore
from storage.audit import AuditStore
from storage.check_ins import CheckInStore
from storage.counting import CountingStore
from storage.digests import DigestStore
from storage.drafts import DraftStore
from storage.figures import FigureStore
from storage.filings import FilingStore
from storage.hindrances import HindranceStore
from storage.jobs import JobStore
from storage.keys import KeyStore
from storage.leaders import LeaderStore
from storage.nudge_log import NudgeLogStore
from storage.nudge_outbox import NudgeOutboxStore
from storage.nudge_states import NudgeStateStore
from storage.nudges import NudgeStore
from storage.obligations import ObligationStore
from storage.officers import OfficerStore
from storage.organisations import AreaImportStore, OrganisationStore, ZoneStore
from storage.own_addresses import OwnAddressStore
from storage.owners import OwnerStore
from storage.parts import PartStore
from storage.programmes import ProgrammeStore
from storage.pushes import PushStore
from storage.retention import RetentionStore
from storage.tips import TipStore
from storage.wards import WardStore
from storage.work_dialogues import WorkDialogueStore


class View:
    """The stores, for reading; the database itself refuses a write through it."""

    __slots__ = (
        "area_imports",
        "areas",
        "arrivals",
        "ask_backs",
        "assignments",
        "audit",
        "check_ins",
        "connection",
        "counting",
        "digests",
        "drafts",
        "figures",
        "filings",
        "hindrances",
        "jobs",
        "keys",
        "leaders",
        "nudge_log",
        "nudge_outbox",
        "nudge_states",
        "nudges",
        "obligations",
        "officers",
        "organisations",
        "own_addresses",
        "owners",
        "parts",
        "programmes",
        "pushes",
        "retention",
        "tips",
        "wards",
        "work_dialogues",
        "zones",
    )

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.tips = TipStore(connection)
        self.parts = PartStore(connection)
        self.drafts = DraftStore(connection)
        self.arrivals = ArrivalStore(connection)
        self.officers = OfficerStore(connection)
        self.areas = AreaStore(connection)
        self.organisations = OrganisationStore(connection)
        self.zones = ZoneStore(connection)
        self.area_imports = AreaImportStore(connection)
        self.keys = KeyStore(connection)
        self.audit = AuditStore(connection)
        self.pushes = PushStore(connection)
        self.jobs = JobStore(connection)
        self.retention = RetentionStore(connection)
        self.leaders = LeaderStore(connection)
        self.assignments = AssignmentStore(connection)
        self.work_dialogues = WorkDialogueStore(connection)
        self.owners = OwnerStore(connection)
        self.programmes = ProgrammeStore(connection)
        self.obligations = ObligationStore(connection)
        self.counting = CountingStore(connection)
        self.check_ins = CheckInStore(connection)
        self.ask_backs = AskBackStore(connection)
        self.filings = FilingStore(connection)
        self.figures = FigureStore(connection)
        self.digests = DigestStore(connection)
        self.wards = WardStore(connection)
        self.nudges = NudgeStore(connection)
        self.nudge_outbox = NudgeOutboxStore(connection)
        self.nudge_states = NudgeStateStore(connection)
        self.nudge_log = NudgeLogStore(connection)
        self.own_addresses = OwnAddressStore(connection)
        self.hindrances = HindranceStore(connection)


class Tx(View):
    """The stores, for writing: what happens here is kept as a whole or not at all."""

    __slots__ = ()
