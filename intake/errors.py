"""Every error that may cross a room's door.

HomThuError
├─ Refused        NotValid 422 · NotSignedIn 401 · NotAllowed 403 · NotFound 404 · Conflict 409
│                 TooMany 429
│                 NotValid: EmptyTip, TooLong, BadCode, BadPicture, FutureDay, NeedsReason
│                 NotAllowed: NotHeld · NotFound: NoOpenUnit, UnknownItem
│                 Conflict: LoginTaken, NotScheduled, NotTaken, PeriodClosed, RoleUnset, Flagged,
│                 TooLate
├─ TryLater 503   DatabaseBusy, ChannelDown
└─ Misconfigured  MissingKey, KeyListRejected (WrongMark), FalsePromise, SchemaBehind,
                  UnknownProgramme, BadFile: start-up or the command stops, exit 2, one line

Each class has a stable ``code``, an HTTP ``status`` and a ``wording`` key. No message ever repeats
what a person typed: messages are constants or name settings and files, never content.
"""


class HomThuError(Exception):
    """Root of every expected error."""

    code = "error"
    status = 500
    wording = "loi"


class Refused(HomThuError):
    """The caller asked for something that is not given; asking again unchanged will not help."""

    code = "refused"
    status = 400
    advice: str | None = None
    """A sentence for whoever asked that fits better than the code's: a constant, as all are."""


class NotValid(Refused):
    """What came in cannot be read as what it should be."""

    code = "not_valid"
    status = 422


class EmptyTip(NotValid):
    """Nothing to read or see."""

    code = "empty_tip"
    wording = "trong"


class TooLong(NotValid):
    """More text than one tip may hold."""

    code = "too_long"
    wording = "dai_qua"


class HoldsCode(NotValid):
    """A receipt code stands in what officers would read: they could answer as the reporter."""

    code = "holds_code"
    wording = "co_ma"


class BadCode(NotValid):
    """The check digits of a receipt code do not fit, or digits are missing."""

    code = "bad_code"
    wording = "ma_chep_nham"


class BadPicture(NotValid):
    """A picture that cannot be decoded within the limits."""

    code = "bad_picture"
    wording = "anh_hong"


class FutureDay(NotValid):
    """An activity on a day that has not come yet."""

    code = "future_day"


class NotAsked(NotValid):
    """Something that should be asked before filing, and was not."""

    code = "not_asked"


class NeedsReason(NotValid):
    """A change that is only made with a reason."""

    code = "needs_reason"


class NotSignedIn(Refused):
    """No session, or one that has ended."""

    code = "not_signed_in"
    status = 401
    wording = "chua_dang_nhap"


class NotAllowed(Refused):
    """Signed in, without the right."""

    code = "not_allowed"
    status = 403
    wording = "khong_duoc_phep"


class NotHeld(NotAllowed):
    """A leader files for an area or organisation that is not theirs to look after."""

    code = "not_held"


class NotFound(Refused):
    """There is nothing here that this person may see."""

    code = "not_found"
    status = 404
    wording = "khong_thay"


class NoOpenUnit(NotFound):
    """Neither the ward nor the unit above has a valid key."""

    code = "no_open_unit"
    wording = "tam_dong"


class UnknownItem(NotFound):
    """A programme has no deadline, duty or occurrence of that name or day."""

    code = "unknown_item"


class Conflict(Refused):
    """Somebody else changed it first."""

    code = "conflict"
    status = 409
    wording = "da_thay_doi"


class LoginTaken(Conflict):
    """Somebody has this login name already, perhaps somebody who left."""

    code = "login_taken"


class NotScheduled(Conflict):
    """The plan sets no date for it, and the installation has not set one either: we ask."""

    code = "not_scheduled"


class NotTaken(Conflict):
    """A list of areas cannot be taken in or undone now; the message says why and what to do."""

    code = "not_taken"


class PeriodClosed(Conflict):
    """The period is closed: what stands in it is frozen."""

    code = "period_closed"


class RoleUnset(Conflict):
    """The plan names a body that is gone, and nobody has said who stands for it: we ask."""

    code = "role_unset"


class HeadTaken(Conflict):
    """An area or organisation has a head on these days: it is handed over, not assigned twice."""

    code = "head_taken"


class Flagged(Conflict):
    """Something flagged was to be accepted together with others; it is looked at alone."""

    code = "flagged"


class TooLate(Conflict):
    """The time in which it could be taken back without a word is over."""

    code = "too_late"


class TooMany(Refused):
    """Too many tries in too short a time."""

    code = "too_many"
    status = 429
    wording = "qua_nhieu"


class TryLater(HomThuError):
    """Nothing is wrong with the request; the machine cannot serve it now."""

    code = "try_later"
    status = 503
    wording = "loi"


class DatabaseBusy(TryLater):
    """The database cannot take the write: locked, full or stopped."""

    code = "database_busy"


class ChannelDown(TryLater):
    """A platform did not take a message."""

    code = "channel_down"


class Misconfigured(HomThuError):
    """The installation is not fit to run; start-up stops with exit 2."""

    code = "misconfigured"


class MissingKey(Misconfigured):
    """A key file is missing or readable by others."""

    code = "missing_key"


class KeyListRejected(Misconfigured):
    """The signed key list does not verify, is too old, or is marked as a demo's."""

    code = "key_list_rejected"


class WrongMark(KeyListRejected):
    """A demo's key list outside the demo, or another's in it; nothing starts with such a list."""


class FalsePromise(Misconfigured):
    """A sentence that residents would read is not true of this configuration."""

    code = "false_promise"


class SchemaBehind(Misconfigured):
    """The database has another schema than the code: an older one, a newer one or none."""

    code = "schema_behind"


class UnknownProgramme(Misconfigured):
    """No programme of that name is shipped, and the installation has none of its own."""

    code = "unknown_programme"


class BadFile(Misconfigured):
    """A programme, or a file of days off, that does not fit its schema; names the line."""

    code = "bad_file"
