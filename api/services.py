"""Joins the officers' services over one foundation, for the server and for its commands."""

from collections.abc import Callable
from dataclasses import dataclass

from intake.country.area_import import AreaImport
from intake.country.areas import Areas
from intake.disclosure import Disclosure
from intake.epochs import Epochs
from intake.foundation import PEPPER, TOTP, Foundation
from intake.founding import Publics, read_publics
from intake.handover import KeyActs
from intake.keylist import read_key_file
from intake.nudging.shapes import NudgeByHand, NudgePreview
from intake.people import People
from intake.roster import Roster
from intake.sign_ins import SignIns
from intake.triage import Triage
from intake.ward.nudges import WardNudges, open_ward_nudges
from intake.ward.work import WardWork, open_ward_work


@dataclass(frozen=True, slots=True)
class Services:
    """What routes, pages and commands call."""

    people: People
    sign_ins: SignIns
    disclosure: Disclosure
    triage: Triage
    key_acts: KeyActs
    areas: Areas
    area_imports: AreaImport
    publics: Publics
    work: WardWork
    nudges: WardNudges


def open_services(
    foundation: Foundation,
    pause: Callable[[float], None] | None = None,
    *,
    preview: NudgePreview | None = None,
    by_hand: NudgeByHand | None = None,
) -> Services:
    """Build the services with the secrets of an officers' host.

    ``preview`` and ``by_hand`` come from the reminders' side; without them the pages say so.

    Raises:
        MissingKey: a key file is not there.
        Misconfigured: the public half of the offline keys is not there.
    """
    settings, intake, key_list = foundation.settings, foundation.intake, foundation.key_list
    slow = {"pause": pause} if pause else {}
    pepper = read_key_file(settings, PEPPER)
    people = People(intake)
    sign_ins = SignIns(
        intake,
        settings,
        pepper=pepper,
        totp_key=read_key_file(settings, TOTP),
        **slow,
    )
    disclosure = Disclosure(intake, key_list)
    publics = read_publics(settings.keys, demo=settings.demo)
    work = open_ward_work(intake, settings)
    epochs = Epochs(intake, key_list, disclosure, Roster(pepper))
    return Services(
        people=people,
        sign_ins=sign_ins,
        disclosure=disclosure,
        triage=Triage(intake, disclosure, key_list),
        key_acts=KeyActs(intake, people, disclosure, epochs, publics),
        areas=Areas(intake, foundation.places),
        area_imports=AreaImport(intake, foundation.places),
        publics=publics,
        work=work,
        nudges=open_ward_nudges(intake, work, preview, by_hand),
    )
