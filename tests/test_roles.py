"""Roles: every act of the screens' doors and of the rules asks for its right. An act that is in no table fails here."""

import inspect
from collections.abc import AsyncIterator, Callable, Mapping
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Final, cast, get_args, get_type_hints

import pytest

from kiosk import volunteers
from kiosk.box import Box
from kiosk.card_face import CardFace
from kiosk.charging.face import ChargingFace
from kiosk.facade import StationFacade
from kiosk.folder import DataFolder, box_for_command, create_station
from kiosk.journal.envelope import decode
from kiosk.privacy.face import PrivacyFace
from kiosk.reading_facade import ReadingFacade
from kiosk.rider_face import RiderFace
from kiosk.station import Station
from kiosk.system.database import Priority
from kiosk.views import Role, VolunteerRefusal
from kiosk.volunteer_errands import OPERATIONS
from kiosk.volunteers import RIGHTS, NotAllowedError, Right
from kiosk.volunteers.desk import VolunteersFacade
from models.journal import EventRow
from tests.helpers.box import make_box, make_settings
from tests.helpers.riders import add_rider


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


DOORS: Final[Mapping[str, type]] = {
    "": StationFacade,
    "charging": ChargingFace,
    "volunteers": VolunteersFacade,
    "reading": ReadingFacade,
    "riders": RiderFace,
    "cards": CardFace,
    "privacy": PrivacyFace,
}
"""Each face that screens hold, by its name at the station."""

OPEN_TO_ALL: Final = _named("""
    listen touched typed leave end_visit devices sync_status today points set_named not_me
    charging.slots charging.own_session charging.own_hold charging.ran_out charging.queue charging.queue_length
    charging.join_queue charging.leave_queue charging.history charging.book charging.release charging.start
    charging.stop
    volunteers.unlock volunteers.unlock_by_code volunteers.lock
    reading.begin reading.search reading.titles reading.loans reading.renew reading.past_loans reading.holds
    reading.reserve reading.cancel_hold reading.own_parcels reading.deliver reading.deliver_with_code
    riders.login riders.check_phone riders.enrol
    cards.own cards.print
    privacy.stored privacy.name privacy.erase privacy.keep
    """)
"""What riders do, and the ways into the volunteers' area."""

NEEDS: Final[Mapping[Right, frozenset[str]]] = {
    Right.SLOTS: _named("""
        charging.stop_slot charging.stop_all charging.release_slot charging.any_bookings charging.release_any
        charging.clear_slot charging.disable_slot charging.enable_slot charging.move charging.day
        """),
    Right.HUB: _named("sync_now clear_sync_alarms quarantine quarantined"),
    Right.CHECKINS: _named("volunteers.checkins volunteers.notes volunteers.leave_note volunteers.clear_note"),
    Right.ACTS: frozenset({"volunteers.acts"}),
    Right.OWN_SHIFT: _named("volunteers.listing volunteers.sign_on"),
    Right.OTHERS_SHIFTS: frozenset({"volunteers.sign_off"}),
    Right.VOLUNTEERS: _named("volunteers.create volunteers.revoke volunteers.set_pin"),
    Right.BOOKS: _named("""
        reading.shelves reading.add_copy reading.mark reading.in_transit reading.out_of_order reading.pick_up_shelf
        reading.stocktake reading.begin_stocktake reading.end_stocktake reading.parcels reading.pack
        reading.print_label reading.confirm_parcel reading.shelve_parcel reading.cancel_parcel
        """),
    Right.RIDERS: _named("""
        riders.find riders.rider riders.set_pin riders.set_vanguard riders.new_card cards.of
        privacy.stored_of privacy.unseen privacy.erase_for
        """),
}
"""What each right lets somebody do. `volunteers.sign_off` is asked here for somebody else."""

PIN: Final = "246810"
KEEPERS_ALONE: Final = [right for right, roles in RIGHTS.items() if Role.VOLUNTEER not in roles]


class People:
    """A station without hardware, a keeper and a volunteer."""

    def __init__(self, station: Station, keeper: str, volunteer: str) -> None:
        self.station = station
        self.keeper = keeper
        self.volunteer = volunteer

    async def do(self, act: str) -> object:
        """Ask for an act, with arguments of the right types; whoever it concerns is the keeper."""
        asked = self.ask(act)
        return await asked if inspect.isawaitable(asked) else asked

    def ask(self, act: str) -> object:
        """As `do`, not awaited."""
        door, _, name = act.rpartition(".")
        face = self.station if not door else getattr(self.station, door)
        hints = get_type_hints(getattr(DOORS[door], name))
        given = {one: self._value(one, hint) for one, hint in hints.items() if one != "return"}
        return getattr(face, name)(**given)

    def _value(self, name: str, hint: object) -> object:
        kinds = [kind for kind in (get_args(hint) or (hint,)) if kind is not NoneType]
        if name.endswith("_id"):
            return self.keeper
        if kinds[0] is int:
            return 3
        if kinds[0] is bool:
            return True
        if isinstance(kinds[0], type) and issubclass(kinds[0], Enum):
            return next(iter(kinds[0]))
        return "135790" if kinds[0] is str and len(kinds) == 1 else None if NoneType in get_args(hint) else ()

    async def recorded(self) -> int:
        """How many events there are."""
        return await self.station._database.run(Priority.COUNTER, lambda: EventRow.select().count())


@pytest.fixture
async def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[People]:
    """The station serves; its slots are never opened."""
    settings = make_settings(tmp_path / "data")
    DataFolder.of(settings).path.mkdir(parents=True)
    create_station(DataFolder.of(settings))
    with box_for_command(settings, "a test") as box:
        keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
        volunteer, _ = volunteers.create(box, "田野", PIN, Role.VOLUNTEER, actor=f"volunteer:{keeper}")

    async def no_slots(_: object) -> None:
        """A bus that is not there would be waited for."""

    for moment in ("open", "close"):
        monkeypatch.setattr(f"kiosk.charging.ChargingPoint.{moment}", no_slots)
    monkeypatch.setattr("kiosk.station.scanner_of", lambda *_: None)
    station = Station(settings)
    await station.open()
    try:
        yield People(station, keeper, volunteer)
    finally:
        await station.close()


def acts_of(door: str) -> set[str]:
    """Every function of a face."""
    names = {name for name, _ in inspect.getmembers(DOORS[door], inspect.isfunction) if not name.startswith("_")}
    return {f"{door}.{name}" if door else name for name in names}


def test_every_act_that_screens_can_ask_for_is_somebodys() -> None:
    told = [*OPEN_TO_ALL, *(act for acts in NEEDS.values() for act in acts)]
    assert sorted(told) == sorted(act for door in DOORS for act in acts_of(door))
    assert set(NEEDS) == set(Right)
    assert KEEPERS_ALONE == [Right.OTHERS_SHIFTS, Right.VOLUNTEERS]


async def test_an_act_is_refused_while_the_area_is_closed_and_to_whose_role_it_is_not(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setattr(people.station._sync, "wake", lambda: woken.append("woken"))
    acts = [(right, act) for right, acts in NEEDS.items() for act in sorted(acts)]
    before = await people.recorded()
    closed = {act: await people.do(act) for _, act in acts}
    assert (await people.recorded(), woken) == (before, [])
    assert (await people.station.volunteers.unlock(people.volunteer, PIN)).refusal is None
    before = await people.recorded()
    asked: set[Right] = set()

    def may(role: Role | None, right: Right) -> bool:
        asked.add(right)
        return volunteers.may(role, right)

    monkeypatch.setattr("kiosk.volunteers.desk.may", may)
    for right, act in acts:
        asked.clear()
        with monkeypatch.context() as without:
            without.setitem(cast("dict[Right, frozenset[Role]]", RIGHTS), right, RIGHTS[right] - {Role.VOLUNTEER})
            answer = await people.do(act)
        if getattr(answer, "refusal", None) is not VolunteerRefusal.NOT_ALLOWED:
            assert answer == closed[act], act
        assert asked == {right}, act
    assert (await people.recorded(), woken) == (before, [])


RULES: Final[Mapping[str, Callable[[Box, str, str], object]]] = {
    "create": lambda box, _, actor: volunteers.create(box, "周玉兰", PIN, Role.KEEPER, actor=actor),
    "create_keeper": lambda box, _, actor: volunteers.create_keeper(box, "周玉兰", PIN, actor=actor),
    "give_code": lambda box, who, actor: volunteers.give_code(box, who, 10, actor=actor),
    "replace_card": lambda box, who, actor: volunteers.replace_card(box, who, actor=actor),
    "revoke": lambda box, who, actor: volunteers.revoke(box, who, actor=actor),
    "set_pin": lambda box, who, actor: volunteers.set_pin(box, who, PIN, actor=actor),
    "sign_on": lambda box, who, actor: volunteers.sign_on(box, who, actor=actor),
    "sign_off": lambda box, who, actor: volunteers.sign_off(box, who, actor=actor),
}
"""Every rule about volunteers that somebody asks for, done to somebody else."""


def test_the_rules_themselves_refuse_a_plain_volunteer_and_who_is_none(tmp_path: Path) -> None:
    with_actor = {
        name
        for name in volunteers.__all__
        if inspect.isfunction(rule := getattr(volunteers, name)) and "actor" in inspect.signature(rule).parameters
    }
    assert with_actor - {"actor_name"} == set(RULES)
    box = make_box(tmp_path)
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    plain, _ = volunteers.create(box, "田野", PIN, Role.VOLUNTEER, actor=f"volunteer:{keeper}")
    left, _ = volunteers.create_keeper(box, "周玉兰", PIN)
    volunteers.revoke(box, left, actor=f"volunteer:{keeper}")
    before = EventRow.select().count()
    for rule in RULES.values():
        for actor in (f"volunteer:{plain}", f"volunteer:{left}", f"rider:{plain}", "station", ""):
            with pytest.raises(NotAllowedError):
                rule(box, keeper, actor)
    assert EventRow.select().count() == before
    for rule in (RULES["sign_on"], RULES["sign_off"]):
        assert rule(box, plain, f"volunteer:{plain}")
        with pytest.raises(NotAllowedError):
            rule(box, left, f"volunteer:{left}")


def test_who_comes_by_the_control_socket_is_the_command_line_whoever_they_say_they_are(tmp_path: Path) -> None:
    box = make_box(tmp_path)
    keeper, _ = volunteers.create_keeper(box, "龙站长", PIN)
    rider = add_rider(box).rider
    before = EventRow.select().count()
    said: dict[str, str | int | bool | None] = {"name": "田野", "role": "volunteer", "pin": PIN, "minutes": 10}
    said |= {"volunteer": keeper, "rider": rider.number, "text": "头盔在柜台", "actor": f"volunteer:{keeper}"}
    for name in sorted(OPERATIONS, key=lambda name: name == "volunteer-revoke"):
        operation = OPERATIONS[name]
        if name == "volunteer-add":
            said["volunteer"] = cast("list[str]", operation(box, said))[0]
        elif name == "volunteer-note":
            said["note"] = cast("str", operation(box, said))
        else:
            operation(box, said)
    new = EventRow.select().order_by(EventRow.arrival).offset(before)
    assert {decode(bytes(row.envelope)).actor for row in new} == {"cli"}


async def test_a_code_for_one_entry_opens_the_area_with_its_volunteers_role_alone(people: People) -> None:
    def give() -> str:
        return volunteers.give_code(people.station._box, people.volunteer, 10, actor="cli")

    code = await people.station._database.run(Priority.COUNTER, give)
    assert (await people.station.volunteers.unlock_by_code(code)).refusal is None
    assert people.station.volunteers.role is Role.VOLUNTEER
    for act in (act for right in KEEPERS_ALONE for act in NEEDS[right]):
        answer = await people.do(act)
        assert getattr(answer, "refusal", None) is VolunteerRefusal.NOT_ALLOWED, act


async def test_the_end_of_a_visit_closes_the_area(people: People) -> None:
    assert (await people.station.volunteers.unlock(people.volunteer, PIN)).refusal is None
    people.station.leave()
    assert people.station.volunteers.role is None


async def test_the_end_of_a_visit_alone_does_not(people: People) -> None:
    """A rider was greeted over what a volunteer is in the middle of."""
    assert (await people.station.volunteers.unlock(people.volunteer, PIN)).refusal is None
    people.station.end_visit()
    assert people.station.volunteers.role is not None
