"""Every sentence that promises something, held against the running configuration.

``[promises]`` in ``vi.toml`` names, for each such sentence, the conditions that make it true.
Start-up refuses a sentence that a resident could read and that is false here. A condition that no
setting can change is listed as well: the test named beside it is what keeps it true.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from bot.channels.base import Capabilities
from bot.wording import Wording
from intake.errors import FalsePromise
from intake.settings import Settings
from intake.vault.drafts import SLOT_LIFE

LONGEST_DRAFT_HOURS = 48  # the sentence `doc_ky_hon` says this number


class Setup(NamedTuple):
    """What a promise is held against: the settings and one channel."""

    settings: Settings
    channel: Capabilities


Condition = Callable[[Setup], bool]


def _by_design(_setup: Setup) -> bool:
    """Hold whatever is configured: a property of the code, kept by the test named below."""
    return True


def _no_network_address(setup: Setup) -> bool:
    """Our own server writes none; of a proxy in front we have only the operator's word."""
    return setup.settings.demo or setup.settings.proxy_logs_off


CONDITIONS: Mapping[str, Condition] = {
    "deletes_messages": lambda setup: setup.channel.deletes,
    "is_demo": lambda setup: setup.settings.demo,
    "named_tips_on": lambda setup: setup.settings.named_tips,
    "identity_key_is_shared_out": lambda setup: not setup.settings.demo,
    "push_on": lambda setup: setup.settings.push_notices and setup.channel.push,
    "no_network_address_logged": _no_network_address,
    "drafts_expire": lambda _setup: 2 * SLOT_LIFE.total_seconds() <= LONGEST_DRAFT_HOURS * 3600,
    "release_is_random": lambda setup: setup.settings.release_minutes > 0,
    # Held by tests/promises: canary, write-only intake, look-up equality, tables.
    "stores_no_address": _by_design,
    "logs_no_content": _by_design,
    "seals_on_arrival": _by_design,
    "shows_exact_text": _by_design,
    "leaders_read_nothing": _by_design,
    "pictures_are_remade": _by_design,
    "told_drafts_are_wiped": _by_design,
    "push_needs_address_only": _by_design,
    "equal_answers": _by_design,
}
_OFFERED: Mapping[str, Condition] = {
    "doc_ky_hon_bao_ve": CONDITIONS["named_tips_on"],
    "xin_bao_ve": CONDITIONS["named_tips_on"],
    "bao_khi_co_tra_loi": CONDITIONS["push_on"],
    "da_bat_bao": CONDITIONS["push_on"],
    "co_tin_moi": CONDITIONS["push_on"],
    "gap": CONDITIONS["release_is_random"],
    "da_chep.xoa": CONDITIONS["deletes_messages"],
    "da_xoa.xoa": CONDITIONS["deletes_messages"],
}
"""Sentences that flows say only where a feature is on; elsewhere nobody can read them."""


def check_promises(wording: Wording, settings: Settings, channels: Iterable[Capabilities]) -> None:
    """Refuse a sentence that would be false.

    Raises:
        FalsePromise: names the sentence, the channel and the condition.
    """
    for channel in channels:
        setup = Setup(settings, channel)
        for key, conditions in wording.promises.items():
            if not _is_read(key, setup):
                continue
            for condition in conditions:
                if not CONDITIONS[condition](setup):
                    raise FalsePromise(
                        f"sentence {key} is not true on channel {channel.name}: {condition}"
                    )


def _is_read(key: str, setup: Setup) -> bool:
    """Return whether a resident on this channel could be shown the sentence."""
    if key.startswith("an_danh."):
        return key == setup.channel.anonymity_text
    offered = _OFFERED.get(key)
    return offered is None or offered(setup)
