"""What tests of the charging screen share: somebody before the map, and what the station was asked."""

from msgspec.structs import replace

from screens.app import KioskApp
from screens.charging_scene import Panel, Scene
from screens.charging_view import PanelView
from tests.helpers.fake_station import RIDER, FakeStation
from tests.screens.conftest import Taps


async def open_charging(app: KioskApp, station: FakeStation, taps: Taps, *, identified: bool = True) -> None:
    """Somebody, or nobody, before the map."""
    station.now_visiting = RIDER if identified else None
    app.open("charging")
    await taps.pause()


def shown(app: KioskApp) -> Panel:
    """What stands beside the map."""
    return app.screen.query_one(PanelView).panel


def requests(station: FakeStation) -> list[tuple[str, ...]]:
    """What the station was asked for, without the touches."""
    return [call for call in station.asked if call[0] not in {"touched", "lock_staff", "leave"}]


def scene(station: FakeStation, **changes: object) -> Scene:
    """The scene of a scripted station, with other values where given."""
    plain = Scene(
        visitor=station.visitor,
        slots=station.charging.slots(),
        session=station.charging.own_session(),
        hold=station.charging.own_hold(),
        now=station.clock.now(),
        zone=station.settings.station.zone,
        hold_minutes=15,
        offer_minutes=3,
        ran_out=station.charging.ran_out(),
        queue=station.charging.queue(),
        waiting=station.charging.queue_length(),
    )
    return replace(plain, **changes)  # names checked by the tests that give them
