"""The question whose plug is in a socket, where somebody else's may have been left: pure functions."""

from msgspec.structs import replace

from kiosk.views import ChargingRefusal
from screens.charging_scene import Ask, Offer, Panel, Scene
from screens.language import _


def ask_whose_plug(scene: Scene, shown: Panel) -> Panel:
    """A panel with a start on it, with the question before the start where one is needed.

    The rider has to look at the socket: after a "no" the slot is not offered until it is tapped anew.
    """
    slot = shown.slot
    if slot is None or shown.main is None or shown.main.ask is not Ask.START or not scene.asks_for_plug(slot):
        return shown
    if scene.not_mine == slot:
        other = None if shown.other is None or shown.other.ask is Ask.HOLD else shown.other
        advice = _("Please leave that plug in. Choose another slot, or ask a volunteer.")
        if other is not None and scene.own_slot == slot:
            advice = _("Please leave that plug in. A volunteer can give you another slot.")
        return replace(shown, alert=advice, figure="", lines=(), choice=None, main=None, other=other)
    question = _("Is the plug in socket {slot} yours?").format(slot=slot)
    left = (f"{shown.figure} {shown.unit}",) if shown.figure else ()
    otherwise_refused = scene.refused is not None and scene.refused.why is not ChargingRefusal.CONFIRM_PLUG
    return replace(
        shown,
        lines=(question, *left) if otherwise_refused else left,
        figure="",
        alert=shown.alert if otherwise_refused else question,
        main=Offer(Ask.START_MINE, _("Yes, start charging"), scene.choice.words),
        other=Offer(Ask.NOT_MINE, _("No, it is not mine")),
    )
