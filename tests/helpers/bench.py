"""A session under the rules on a virtual clock, without any hardware."""

from devices.meters import Reading
from kiosk.charging.limits import LONGEST_BOUND_S
from kiosk.charging.rules import CALM, UNTIL_FULL, Decision, begin, evaluate
from kiosk.settings import ChargingSettings
from kiosk.views import ChargeLimits, StopReason

START = 1000.0


class Bench:
    """A session under the rules: feeds readings as time passes and stops at the first stop reason."""

    def __init__(
        self, numbers: ChargingSettings, longest_s: float = LONGEST_BOUND_S, limits: ChargeLimits = UNTIL_FULL
    ) -> None:
        self.numbers = numbers
        self.conditions = CALM
        self.now = START
        self.wh = 5000.0
        self.course = begin(START, 5000, longest_s, limits)
        self.decision = Decision(self.course)

    def read(self, watts: float, volts: float = 230.0) -> StopReason | None:
        """One good reading now."""
        self.take(reading(watts, int(self.wh + 1e-6), self.now, volts))
        return self.decision.stop

    def miss(self) -> StopReason | None:
        """One bad reading now."""
        self.take(None)
        return self.decision.stop

    def draw(self, watts: float, seconds: float, volts: float = 230.0, step: float = 2.0) -> StopReason | None:
        """Draw power for a while, read every `step` seconds; ends early when the rules say stop."""
        end = self.now + seconds
        while self.now < end:
            passed = min(step, end - self.now)
            self.now += passed
            self.wh += watts * passed / 3600
            if self.read(watts, volts) is not None:
                break
        return self.decision.stop

    def take(self, given: Reading | None) -> None:
        """Any reading, or none."""
        self.decision = evaluate(self.course, given, self.now, self.numbers, self.conditions)
        self.course = self.decision.course


def reading(watts: float, wh: int, at: float, volts: float = 230.0) -> Reading:
    """A plausible reading."""
    return Reading(volts, watts / volts / 0.95, watts, wh, 50.0, 0.95 if watts else 0.0, at)
