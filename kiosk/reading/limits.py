"""How many copies of what, and for how long: by the settings, and the kind of reading matter."""

from collections.abc import Iterable

from msgspec import Struct

from kiosk.box import Box
from models.reading import CopyRow, LoanRow, TitleRow


class Terms(Struct, frozen=True):
    """What holds for a kind of reading matter."""

    material: str
    days: int
    renewals: int
    renew_days: int
    limit: int | None
    """Of this kind, besides the limit of all together; None for none of its own."""


def of_material(box: Box, copy: CopyRow | None) -> Terms:
    """The terms of a copy's kind; the general ones while its title is not known. Needs a store in use."""
    reading = box.settings.reading
    title = None if copy is None else TitleRow.get_or_none(TitleRow.id == copy.title)
    material = "" if title is None else str(title.material)
    special = next((each for each in reading.materials if each.name == material), None)
    if special is None:
        return Terms(material, reading.days, reading.renewals, reading.renew_days, None)
    return Terms(material, special.days, special.renewals, special.renew_days, special.limit)


def own_of_material(own: Iterable[LoanRow], material: str) -> int:
    """How many of these loans are of one kind of reading matter. Needs a store in use."""
    labels = [str(loan.label) for loan in own]
    same = TitleRow.material == material
    copies = CopyRow.select().join(TitleRow, on=(TitleRow.id == CopyRow.title))
    return int(copies.where(CopyRow.label.in_(labels) & same).count())
