"""Opening a rider's phone number, which only the hub's private key can; each time leaves an event."""

from collections.abc import Sequence

import msgspec
from nacl.exceptions import CryptoError

from kiosk.hub.office.deeds import Act, OfficeError, decided, there
from kiosk.hub.office.hub_keys import HubKeys
from kiosk.hub.office.reading import Said, said
from kiosk.hub.office.roll import Enrolment, roll
from kiosk.hub.store import HubStore
from kiosk.identity.phone import unseal
from kiosk.riders.kinds import EnrolmentRecord, PhoneOpened, PhoneRecord, PhoneSealed
from models.hub import HubRecord


def opened(
    store: HubStore, area: str, rider: str, *, by: str, reason: str, keys: HubKeys | None = None
) -> tuple[str, ...]:
    """A person's phone numbers, newest enrolment first; who asked and why stands in the journal before they are told.

    Args:
        store: the hub's database.
        area: the rider's area.
        rider: an id of the person.
        by: who asks, a machine word.
        reason: why, a machine word.
        keys: those of before, for a number that was sealed to them; None for those in force.

    Raises:
        OfficeError: there is no such rider, the person was erased, or the key is not the one it was sealed to.
    """

    def plan() -> tuple[tuple[str, ...], Sequence[Act]]:
        private = bytes.fromhex(str(store.state().sealing_key) if keys is None else keys.sealing_key)
        everybody = roll(area)
        everybody.known(rider)
        enrolments = [everybody.enrolments[one] for one in everybody.person(rider) if one in everybody.enrolments]
        sealed = [text for one in enrolments if (text := _sealed(area, one)) is not None]
        if not sealed:
            raise OfficeError(f"Of rider {rider} there is no phone number: the person was erased, or it has not come.")
        found = tuple(dict.fromkeys(number for text in sealed if (number := _open(text, private)) is not None))
        if not found:
            raise OfficeError(
                f"The phone number of rider {rider} is sealed to another key. Name the file of the hub's earlier keys "
                "with --keys (docs/keys.md); a station that got its hub later seals its early numbers anew by itself."
            )
        return found, [(PhoneOpened(by=by, reason=reason), f"rider:{rider}")]

    return decided(store, area, plan)


def openings(store: HubStore, area: str) -> list[Said]:
    """Every time that a number was opened, the newest first.

    Raises:
        OfficeError: there is no such area.
    """
    with store.reading():
        return list(reversed(said(there(area), (PhoneOpened,))))


def _sealed(area: str, enrolment: Enrolment) -> str | None:
    """The sealed number of an enrolment, as it was sealed last; None when the record is gone."""
    anew = said(area, (PhoneSealed,), subjects={f"rider:{enrolment.rider}"})
    for event in (*(one.event.id for one in reversed(anew)), enrolment.event):
        row = HubRecord.get_or_none(HubRecord.event == event)
        try:
            if row is None:
                continue
            if event == enrolment.event:
                return msgspec.json.decode(bytes(row.data), type=EnrolmentRecord).sealed_phone
            return msgspec.json.decode(bytes(row.data), type=PhoneRecord).sealed_phone
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue
    return None


def _open(sealed: str, private: bytes) -> str | None:
    try:
        return unseal(sealed, private)
    except (CryptoError, ValueError):
        return None
