"""The hub's own keys: kept in a file, and exchanged for others. See docs/keys.md for what follows from it."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from kiosk.hub import issuers, streams
from kiosk.hub.office.deeds import OfficeError
from kiosk.hub.stations import moved_to
from kiosk.hub.store import HubStore
from kiosk.identity.keyfiles import KeysError, key_from_hex, write_secret
from models.hub import HubArea, HubState


@dataclass(frozen=True, slots=True)
class HubKeys:
    """Both private halves, 64 hex digits each."""

    signing_seed: str = field(repr=False)
    """Ed25519: certifies stations' issuing keys, signs the hub's events."""
    sealing_key: str = field(repr=False)
    """X25519: opens phone numbers."""


def drawn() -> HubKeys:
    """New keys."""
    return HubKeys(os.urandom(32).hex(), os.urandom(32).hex())


def of_file(file: Path) -> HubKeys:
    """The keys in a file that `save` wrote.

    Raises:
        OfficeError: it holds none, or cannot be read.
    """
    try:
        found = msgspec.json.decode(file.read_bytes(), type=HubKeys)
        for key in (found.signing_seed, found.sealing_key):
            key_from_hex(key.encode(), file)
    except OSError as error:
        raise OfficeError(f"{file} cannot be read: {error.strerror or error}.") from None
    except (KeysError, msgspec.DecodeError, UnicodeDecodeError):
        raise OfficeError(f"{file} holds no keys of a hub; `kiosk hub keys save` writes such a file.") from None
    return found


def save(store: HubStore, file: Path) -> None:
    """Write the keys in force into a new file that its owner alone may read.

    Raises:
        OfficeError: there is such a file, or it cannot be written.
    """
    if file.exists():
        raise OfficeError(f"{file} is there already; nothing was changed.")
    with store.reading():
        state = store.state()
        keys = HubKeys(str(state.signing_seed), str(state.sealing_key))
    try:
        write_secret(file, msgspec.json.encode(keys) + b"\n")
    except OSError as error:
        raise OfficeError(f"{file} cannot be written: {error.strerror or error}; nothing was changed.") from None


def change(store: HubStore, keys: HubKeys) -> int:
    """Put other keys in force, and certify with them every issuing key that holds, in all areas that are open here.

    Each begins a new epoch: what stations hold signed or marked by the keys of before would not be taken back after a
    restore, so they pull it anew.

    Returns:
        How many were certified.
    """
    with store.transaction():
        HubState.update(signing_seed=keys.signing_seed, sealing_key=keys.sealing_key).execute()
        areas = [str(area.name) for area in HubArea.select().order_by(HubArea.name)]
        open_here = [area for area in areas if moved_to(area) is None]
        for area in open_here:
            streams.begin_epoch(streams.lock_area(area))
        return sum(issuers.certify_anew(store, area) for area in open_here)
