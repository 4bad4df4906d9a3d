"""Every outcome of a scan in plain words."""

from collections.abc import Iterable
from typing import Final
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from kiosk.views import (
    BookHoldView,
    Borrowed,
    CheckedIn,
    CopyHandled,
    LoanBlock,
    LoanRefused,
    LoanView,
    Outcome,
    ParcelScanned,
    Returned,
    RiderNoteView,
    RiderView,
    ScanRefused,
    StaffCard,
    StationTrouble,
    TitleFound,
)
from screens.book_words import brought, parcel_telling, where_to
from screens.language import _, language, n_
from screens.widgets.outcome import Telling, Tone
from screens.words import LOAN_BLOCKS, NOTE_PHRASES, SCAN_REFUSALS, day_words, hello_words, points_words

STAYS: Final = frozenset({LoanBlock.WANTED, LoanBlock.SET_ASIDE, LoanBlock.IN_REPAIR, LoanBlock.WITHDRAWN})
"""Blocks of a book that does not go back on its shelf: a volunteer has to see to it."""
MOST_DUE: Final = 4
"""Loans named on a greeting; more would push the points off the screen."""


def tell(outcome: Outcome, zone: ZoneInfo) -> Telling:
    """An outcome in the language spoken now.

    Args:
        outcome: what the station said.
        zone: the station's time zone.
    """
    match outcome:
        case CheckedIn():
            telling = _checked_in(outcome, zone)
        case ScanRefused(reason):
            what, now = SCAN_REFUSALS[reason]
            telling = Telling(Tone.BAD, _(what), (_(now),))
        case Borrowed() | Returned() | LoanRefused() | TitleFound() | ParcelScanned() | CopyHandled():
            telling = _of_reading(outcome)
        case StaffCard():
            telling = Telling(
                Tone.GOOD, _("Volunteer {name}").format(name=outcome.masked_name), (_("Enter your PIN."),)
            )
        case StationTrouble():
            number = _("Tell a volunteer this number: {id}").format(id=outcome.log_id)
            telling = Telling(Tone.BAD, _("The station has a fault. Nothing was done."), (number,))
    return replace(telling, banner=_banner(outcome)) if language() == "zh" else telling


def _of_reading(
    outcome: Borrowed | Returned | LoanRefused | TitleFound | ParcelScanned | CopyHandled,
) -> Telling:
    match outcome:
        case Borrowed():
            due = _("Please return it by {day}.").format(day=day_words(outcome.due))
            return Telling(Tone.GOOD, _("Borrowed"), (_("“{title}”").format(title=outcome.title), due))
        case Returned():
            return _returned(outcome)
        case LoanRefused():
            return _not_lent(outcome)
        case TitleFound():
            return _title(outcome)
        case ParcelScanned(done):
            return parcel_telling(done)
        case CopyHandled():
            return Telling(Tone.GOOD, outcome.copy.title, (_("Label {label}").format(label=outcome.copy.label),))


def _banner(outcome: Outcome) -> str:
    """The two to four characters that are read from across the room."""
    match outcome:
        case CheckedIn(outside=True):
            return ""
        case CheckedIn(rider=RiderView(verified=True)):
            return "已签到" if _is_again(outcome) else "签到成功"
        case Borrowed():
            return "借书成功"
        case Returned(was_on_loan=True):
            return "还书成功"
        case LoanRefused():
            return "" if outcome.is_own else "不能借"
        case _:
            return ""


def _checked_in(outcome: CheckedIn, zone: ZoneInfo) -> Telling:
    rider = outcome.rider
    name = hello_words(rider)
    if rider.vanguard:
        name += "  " + _("★ Vanguard rider")
    at = f"{outcome.at.astimezone(zone):%H:%M}"
    if outcome.outside:
        told = _outside(outcome, at)
    elif not rider.verified:
        again, first = _("Already recorded today at {time}, without a point"), _("Recorded at {time}, without a point")
        told = (again if _is_again(outcome) else first).format(time=at)
    elif _is_again(outcome):
        told = _("Already checked in today at {time}").format(time=at)
    else:
        told = _("Checked in at {time}").format(time=at)
    lines = [*map(note_words, outcome.notes), told, *_points(outcome)]
    if not rider.verified:
        lines.append(_("This card is not known here yet: charging and books need a volunteer."))
    if rider.verified and not rider.has_pin:
        lines.append(_("No PIN yet: a volunteer sets one, for days without a card."))
    if not outcome.clock_trusted:
        lines.append(_("The station's clock may be wrong."))
    return Telling(_tone(outcome), name, (*lines, *_due(outcome.due), *_waiting(outcome.waiting)))


def _tone(outcome: CheckedIn) -> Tone:
    if outcome.notes:
        return Tone.ATTENTION
    if outcome.outside or not outcome.rider.verified or not outcome.clock_trusted:
        return Tone.CAREFUL
    return Tone.AGAIN if _is_again(outcome) else Tone.GOOD


def _is_again(outcome: CheckedIn) -> bool:
    """The day's check-in was before this scan, be it by a moment."""
    return outcome.already or outcome.repeated


def _outside(outcome: CheckedIn, at: str) -> str:
    """Outside the opening hours; with nothing earned, what to do about it."""
    if _is_again(outcome):
        return _("Already recorded today at {time}, outside the opening hours").format(time=at)
    if outcome.points_earned:
        return _("Recorded at {time}, outside the opening hours").format(time=at)
    return _("Recorded at {time}, outside the opening hours: the day's point is earned while we are open.").format(
        time=at
    )


def note_words(note: RiderNoteView) -> str:
    """A note, and who wrote it."""
    words = note.text if note.phrase is None else _(NOTE_PHRASES[note.phrase])
    author = _("the station") if note.author == "cli" else note.author
    return "■ " + _("{words} ({author})").format(words=words, author=author)


def _points(outcome: CheckedIn) -> Iterable[str]:
    total = points_words(outcome.total_half_points)
    label = _("so far {total}") if outcome.total_provisional else _("in all {total}")
    if outcome.points_earned:
        earned = n_("+{n} point", "+{n} points", outcome.points_earned).format(n=outcome.points_earned)
        yield f"{earned}  ({label.format(total=total)})"
    elif outcome.rider.verified:
        yield _("Points: {total}").format(total=label.format(total=total))


def _waiting(holds: tuple[BookHoldView, ...]) -> Iterable[str]:
    for hold in holds[:MOST_DUE]:
        if hold.until is not None:
            yield _("► “{title}” waits for you on the pick-up shelf until {day}").format(
                title=hold.title, day=day_words(hold.until)
            )


def _due(due: tuple[LoanView, ...]) -> Iterable[str]:
    for loan in due[:MOST_DUE]:
        words = _("▲ Overdue: “{title}”") if loan.overdue else _("Return “{title}” by {day}")
        yield words.format(title=loan.title, day=day_words(loan.due))
    if len(due) > MOST_DUE:
        more = len(due) - MOST_DUE
        yield n_("... and {n} more", "... and {n} more", more).format(n=more)


def _returned(outcome: Returned) -> Telling:
    title = _("“{title}”").format(title=outcome.title)
    lines = [title, where_to(outcome)]
    if outcome.was_overdue:
        lines.append(_("It was overdue. Thank you for bringing it back."))
    if outcome.batch:
        count = 1 + sum(isinstance(each, Returned) for each in outcome.batch)
        lines += ["", n_("{n} book is back:", "{n} books are back:", count).format(n=count), *brought(outcome.batch)]
    if outcome.was_on_loan:
        return Telling(Tone.GOOD, _("Returned"), tuple(lines))
    # It may be on loan from a station that we have not heard of yet: it is taken in either way.
    return Telling(Tone.CAREFUL, _("It was not on loan"), tuple(lines))


def _not_lent(outcome: LoanRefused) -> Telling:
    label = _("Label {label}").format(label=outcome.label)
    if outcome.is_own:
        how = _("To bring it back, tap “Return”, then scan it once more.")
        return Telling(Tone.CAREFUL, _(LOAN_BLOCKS[LoanBlock.OWN_ALREADY]), (label, how))
    blocks = tuple("■ " + _(LOAN_BLOCKS[block]) for block in outcome.blocks)
    leave = (_("Please leave the book here for the volunteer."),) if STAYS & set(outcome.blocks) else ()
    return Telling(Tone.BAD, _("Not lent"), (label, *blocks, *leave))


def _title(outcome: TitleFound) -> Telling:
    title = outcome.title
    if title is None:
        return Telling(Tone.CAREFUL, _("We do not have this book"), (f"ISBN {outcome.isbn}",))
    where = _("{author}  Shelf {shelf}").format(author=title.author, shelf=title.shelf)
    stock = _("{available} of {copies} on the shelf").format(available=title.available, copies=title.copies)
    now = _("To borrow it, scan the label that we put on it.")
    return Telling(Tone.GOOD if title.available else Tone.CAREFUL, title.title, (where, stock, now))
