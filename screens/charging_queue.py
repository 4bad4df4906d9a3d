"""What the charging screen says to a rider who waits for a slot, and to one whose turn it is: pure functions."""

from kiosk.views import QueueView, SlotOffer, SlotState, SlotView
from screens.charging_refusals import alert, notice
from screens.charging_scene import Ask, Offer, Panel, Scene, countdown, duration, slot_heading, until_words
from screens.language import _, n_
from screens.theme import SLOT_LOOKS


def join_offer() -> Offer:
    """The tile that puts a rider into the queue."""
    return Offer(Ask.JOIN, _("Join the queue"), _("First come, first served"))


def waiting_lines(scene: Scene) -> tuple[str, ...]:
    """How many riders wait; nothing when nobody does."""
    waiting = scene.waiting
    return (n_("{n} rider is waiting", "{n} riders are waiting", waiting).format(n=waiting),) if waiting else ()


def waiting(scene: Scene, queue: QueueView) -> Panel:
    """In the queue: place, expected wait, and leave; with a line about the slot that was tapped."""
    slot = scene.slot(scene.chosen)
    warning = notice(scene)
    plain = slot is None and not warning  # a warning, or a slot to tell of, needs the room
    stay = (_near(scene.offer_minutes),) if plain else ()
    yes, leave = leave_offers(scene)
    lines = (_wait_words(queue.expected_wait_s, at_most=queue.at_most), *stay, *_about(scene, slot))
    return Panel(
        heading=_("{shape} You are in the queue").format(shape=SLOT_LOOKS[SlotState.PREPARING].shape),
        look="-waiting",
        figure="" if scene.confirming else str(queue.place),  # the question needs the room
        unit=_("your place, of {n}").format(n=queue.waiting),
        lines=(_("Leave the queue? Who comes back waits at its end."),) if scene.confirming else lines,
        alert=warning,
        main=yes,
        other=leave,
        more=Offer(Ask.HISTORY, _("My charging so far")) if plain else None,
        slot=None if slot is None else slot.name,
    )


def leave_offers(scene: Scene) -> tuple[Offer | None, Offer]:
    """To leave takes a second tap, as to give a booking up does: the place is gone at once.

    "No" stands where "leave" stood.
    """
    if not scene.confirming:
        return None, Offer(Ask.LEAVE, _("Leave the queue"))
    return Offer(Ask.LEAVE_NOW, _("Yes, leave it"), danger=True), Offer(Ask.KEEP, _("No, I wait on"))


def _near(minutes: float) -> str:
    return _("It is kept for {n} min then: please stay near.").format(n=f"{minutes:g}")


def _about(scene: Scene, slot: SlotView | None) -> tuple[str, ...]:
    if slot is None:
        return ()
    return tuple(words for words in (slot_heading(slot.name, slot.state)[0], until_words(scene, slot)) if words)


def _wait_words(seconds: float | None, *, at_most: bool) -> str:
    if seconds is None:
        return _("How long it takes is not known yet.")
    if seconds < 60:
        return _("It is your turn in a moment.")
    pattern = _("Your turn comes in about {time}.")
    if at_most:
        pattern = _("Your turn comes in {time} at the latest, likely sooner.")
    return pattern.format(time=duration(seconds))


def offered(scene: Scene, offer: SlotOffer) -> Panel:
    """It is the rider's turn: the slot, and the time that is left, large. Not to want it takes a second tap."""
    told = alert(scene) or _("Plug into socket {slot}, then start.").format(slot=offer.slot)
    if scene.confirming:
        told = _("Give the slot up? Somebody else may take it at once.")
    start = Offer(Ask.START, _("Start charging"), scene.choice.words)
    return Panel(
        heading=_("{shape} Your turn: slot {slot} is yours").format(
            shape=SLOT_LOOKS[SlotState.RESERVED].shape, slot=offer.slot
        ),
        look="-call",
        figure=countdown(offer.until, scene.now),
        unit=_("left to start"),
        alert=told,
        choice=None if scene.confirming else scene.choice,
        main=Offer(Ask.LEAVE_NOW, _("Yes, give it up"), danger=True) if scene.confirming else start,
        other=Offer(Ask.KEEP, _("No, keep it")) if scene.confirming else Offer(Ask.LEAVE, _("I do not need it")),
        slot=offer.slot,
    )
