"""docs/privacy.md names every field that is stored about people, with its purpose; nothing is stored beside it."""

from itertools import takewhile
from pathlib import Path

import msgspec
import peewee as pw

import kiosk.station  # noqa: F401 - loads every feature's tables, as a station does
from kiosk.charging.staff_events import OutReason
from kiosk.checkin.notes import NoteRecord
from kiosk.features import registry
from kiosk.parcels.kinds import ParcelRecipient
from kiosk.riders.kinds import EnrolmentRecord, PhoneRecord
from kiosk.riders.marks import PinRecord
from kiosk.volunteers import kinds as volunteers
from models.base import all_models
from models.hub import HUB_MODELS
from models.schema import MigrationRow

LINES = (Path(__file__).parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8").splitlines()
RECORDS: dict[str, type[msgspec.Struct]] = {
    "rider.enrolled": EnrolmentRecord,
    "rider.phone_sealed": PhoneRecord,
    "rider.pin_set": PinRecord,
    "note.left": NoteRecord,
    "parcel.packed": ParcelRecipient,
    "keeper.created": volunteers.VolunteerRecord,
    "volunteer.pin_set": volunteers.PinRecord,
    "slot.disabled": OutReason,
}
NO_PERSON = "Nothing about a person is in "
OF_PEOPLE = {"rider", "volunteer", "actor", "person", "card", "account", "lookup", "data", "envelope"}
"""Fields that a table without people has not."""


def told(first: str) -> dict[str, list[str]]:
    """Fields by table or event, of the list of the documentation whose first column is called so."""
    rows = LINES[LINES.index(f"| {first} | fields | purpose |") + 2 :]
    cells = [row.strip("| ").split(" | ") for row in takewhile(lambda row: row.startswith("|"), rows)]
    assert all(len(row) == 3 and len(row[2]) > 4 for row in cells), "a purpose each"
    return {table.strip("`"): fields.replace("`", "").split(", ") for table, fields, _purpose in cells}


def test_every_table_is_told_and_every_field_of_those_that_hang_on_a_person() -> None:
    tables: tuple[type[pw.Model], ...] = (*all_models(), *HUB_MODELS, MigrationRow)
    stored = {str(model._meta.table_name): list(model._meta.fields) for model in tables}
    of_people = told("table")
    (line,) = (line for line in LINES if line.startswith(NO_PERSON))
    others = line.removeprefix(NO_PERSON).rstrip(".").replace("`", "").split(", ")
    assert sorted([*of_people, *others]) == sorted(name for name in stored if not name.startswith("test_"))
    assert of_people == {table: stored[table] for table in of_people}
    assert [table for table in others if OF_PEOPLE & set(stored[table])] == []


def test_every_field_of_every_personal_record_is_told() -> None:
    kinds = registry()
    bodies = {name: kind.body for name in kinds.names() if (kind := kinds.named(name)) is not None}
    assert set(RECORDS) == {name for name, body in bodies.items() if "person_ref" in body.__struct_fields__}
    assert told("record beside") == {event: list(record.__struct_fields__) for event, record in RECORDS.items()}
