"""What is shown of a rider."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class RiderView:
    """A rider as any public screen may show them."""

    id: str
    """Random id, 16 hex digits."""
    masked_name: str
    """Such as 王*强."""
    number: int | None = None
    """Number at this station (1, 2, ...), None for a rider enrolled elsewhere."""
    vanguard: bool = False
    """Wears the programme's mark (先锋骑手)."""
    verified: bool = True
    """False when the card's issuer is unknown here."""
    also: tuple[str, ...] = ()
    """Further ids of the same person, who was enrolled twice: `id` is the one that everything new goes under."""
    erased: bool = False
    """The person was erased: of what stays, only the number is told."""
    has_pin: bool = field(default=True, compare=False)
    """False: no phone and PIN instead of a card until a volunteer sets one, as after an import."""
