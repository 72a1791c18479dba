"""The officers' process: its secrets, its app, and the operator's metrics."""

from typing import Any

from api.app import create_officer_app
from api.counters import Counters
from api.routes.health import create_metrics_app
from api.services import open_services
from intake.foundation import Foundation
from intake.nudging.shapes import NudgeByHand, NudgePreview
from intake.upkeep.health import Health
from intake.upkeep.jobs import expected
from intake.watch import Watch


class OfficerProcess:
    """What ``homthu serve api`` runs."""

    def __init__(
        self,
        foundation: Foundation,
        *,
        preview: NudgePreview | None = None,
        by_hand: NudgeByHand | None = None,
    ) -> None:
        services = open_services(foundation, preview=preview, by_hand=by_hand)
        counters = Counters(foundation.clock)
        health = Health(foundation.intake, expected(foundation.settings))
        self.app: Any = create_officer_app(
            people=services.people,
            sign_ins=services.sign_ins,
            triage=services.triage,
            disclosure=services.disclosure,
            key_acts=services.key_acts,
            work=services.work,
            nudges=services.nudges,
            area_imports=services.area_imports,
            settings=foundation.settings,
            clock=foundation.clock,
            watch=Watch(foundation.intake, services.people, services.sign_ins, foundation.key_list),
            health=health,
            counters=counters,
        )
        self.metrics: Any = create_metrics_app(health, counters)
