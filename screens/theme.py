"""Every colour and shape of the screens, by name.

The day theme is light: in sunlight a bright background with near-black words stays readable where a dark one mirrors
the street. Words have a contrast of at least 7:1 on what they stand on, bold and large ones 4.5:1 (WCAG 2.2, criterion
1.4.6). A state is told by colour *and* shape *and* words, so that nobody needs to tell red from green.
"""

from typing import Final, NamedTuple

from textual.theme import Theme

from kiosk.views import Health, SlotState

RED: Final = "#A00D16"
"""The programme's deep red."""

TOKENS: Final = {
    "ink": "#101010",
    "ink-soft": "#3D3D3D",
    "paper": "#FFFFFF",
    "band": "#EDE9E3",
    "line": "#6E6A64",
    "red": RED,
    "red-pale": "#FBE9E7",
    "on-red": "#FFFFFF",
    "good": "#0A5A28",
    "on-good": "#FFFFFF",
    "good-pale": "#DFF3E4",
    "careful": "#FFC21A",
    "on-careful": "#101010",
    "bad": "#101010",
    "on-bad": "#FFD84A",
    "available": "#0A5A28",
    "on-available": "#FFFFFF",
    "reserved": "#FFC21A",
    "on-reserved": "#101010",
    "charging": "#0B3F8A",
    "on-charging": "#FFFFFF",
    "waiting": "#CFE0F7",
    "on-waiting": "#101010",
    "faulted": "#101010",
    "on-faulted": "#FFD84A",
    "unavailable": "#C9C5BE",
    "on-unavailable": "#101010",
}
"""Named colours, used in the style sheets as `$ink`, `$red`, ...; `on-X` is for words upon `X`."""

THEME: Final = Theme(
    name="kiosk-day",
    primary=RED,
    secondary=TOKENS["charging"],
    warning=TOKENS["careful"],
    error=TOKENS["bad"],
    success=TOKENS["good"],
    accent=RED,
    foreground=TOKENS["ink"],
    background=TOKENS["paper"],
    surface=TOKENS["paper"],
    panel=TOKENS["band"],
    dark=False,
    variables=dict(TOKENS),
)
"""The only theme: high contrast for daylight."""


class Look(NamedTuple):
    """How a state is drawn: a shape of one cell and a style class that carries its colours."""

    shape: str
    css_class: str


SLOT_LOOKS: Final = {
    SlotState.AVAILABLE: Look("○", "-available"),
    SlotState.RESERVED: Look("◆", "-reserved"),
    SlotState.PREPARING: Look("◇", "-waiting"),
    SlotState.CHARGING: Look("►", "-charging"),
    SlotState.SUSPENDED_EV: Look("‖", "-waiting"),
    SlotState.SUSPENDED_EVSE: Look("‖", "-waiting"),
    SlotState.FINISHING: Look("■", "-waiting"),
    SlotState.UNAVAILABLE: Look("×", "-unavailable"),
    SlotState.FAULTED: Look("▲", "-faulted"),
}
"""Shape and style class of each slot state. All shapes are one cell wide in DejaVu Sans Mono."""

HEALTH_LOOKS: Final = {
    Health.CONNECTED: Look("●", "-good"),
    Health.DEGRADED: Look("◆", "-careful"),
    Health.UNREACHABLE: Look("▲", "-bad"),
    Health.UNKNOWN: Look("○", "-unavailable"),
}
"""Shape and style class of each health."""
