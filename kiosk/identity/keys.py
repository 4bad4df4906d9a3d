"""The box's own keys, and what the hub handed it at enrolment."""

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec
from nacl.public import PrivateKey
from nacl.signing import SigningKey

from kiosk.identity.keyfiles import KeysError, delete_secret, key_from_hex, read_secret, write_secret

__all__ = ["AREA_CREDENTIAL", "IssuingKey", "Keys", "KeysError", "key_id_of"]

KEY_BYTES: Final = 32

AREA_CREDENTIAL: Final = "kiosk-area-key"
"""The systemd credential that holds the area key, sealed by the TPM where there is one (systemd.exec(5))."""

ISSUING_FILE: Final = "issuing.key"
AREA_FILE: Final = "area.key"
SEALING_FILE: Final = "sealing.key"
HUB_FILE: Final = "hub.json"
RETIRED_FILE: Final = "retired.pub"
"""Public halves of this box's issuing keys of before, 64 hex digits a line: no secret, and needed for their cards."""


def key_id_of(public_key: bytes) -> str:
    """The id of an issuing key: the first 4 bytes of the SHA-256 of its public half, 8 hex digits."""
    return hashlib.sha256(public_key).hexdigest()[:8]


class IssuingKey:
    """The Ed25519 key that signs this box's cards.

    Args:
        seed: 32 random bytes.
    """

    def __init__(self, seed: bytes) -> None:
        self._key = SigningKey(seed)
        self.public_key = bytes(self._key.verify_key)
        self.key_id = key_id_of(self.public_key)

    def sign(self, data: bytes) -> bytes:
        """The signature (64 bytes) over `data`."""
        return self._key.sign(data).signature


class _Hub(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub handed over at enrolment."""

    api_key: str
    seal_key: str
    verify_key: str


class Keys:
    """All keys of a box, from the files in its keys folder (mode 0600 each).

    Use `Keys.create` or `Keys.load`. The area key of a look-up comes from the systemd credential `kiosk-area-key` when
    the service was given one, else from the file.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.handovers = 0
        """Goes up when the hub hands keys over, before and after: what was made ready with those of before is stale."""
        self.issuing = IssuingKey(self._read_key(ISSUING_FILE))
        self._hub = self._read_hub()
        self._sealing = self._read_sealing()
        self._retired = self._read_retired()
        self._area_keys = self._read_area_keys()

    @classmethod
    def create(cls, folder: Path) -> "Keys":
        """Load the keys, making those that are missing; a key that is there is never replaced.

        A box that has a hub needs no sealing pair of its own.

        Args:
            folder: the keys folder itself, such as `<data>/keys`.

        Raises:
            KeysError: a key that is there is damaged.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (ISSUING_FILE, AREA_FILE, SEALING_FILE):
            if not (folder / name).exists() and not (name == SEALING_FILE and (folder / HUB_FILE).exists()):
                key = _new_issuing_seed() if name == ISSUING_FILE else os.urandom(KEY_BYTES)
                write_secret(folder / name, key.hex().encode() + b"\n")
        return cls(folder)

    @classmethod
    def load(cls, folder: Path) -> "Keys":
        """Load the keys of a folder that `create` has filled.

        Raises:
            KeysError: one is missing or damaged.
        """
        return cls(folder)

    def own_public_key(self, key_id: str) -> bytes | None:
        """The public half of this box's own issuing key of this id, in use or retired; None when it has none such."""
        return next((key for key in (self.issuing.public_key, *self._retired) if key_id_of(key) == key_id), None)

    def rotate_issuing(self) -> IssuingKey:
        """Sign with a new key from now on; of the old one the public half alone is kept.

        Returns:
            The new key, in force at once and after every restart.
        """
        retired = [self.issuing.public_key, *(key for key in self._retired if key != self.issuing.public_key)]
        seed = _new_issuing_seed()
        # In this order: a power cut between the two leaves the key in use among the retired ones, which harms nothing.
        write_secret(self._folder / RETIRED_FILE, "".join(f"{key.hex()}\n" for key in retired).encode())
        write_secret(self._folder / ISSUING_FILE, seed.hex().encode() + b"\n")
        self._retired = tuple(retired)
        self.issuing = IssuingKey(seed)
        return self.issuing

    @property
    def area_key(self) -> bytes:
        """The area's secret (32 bytes) that keys the look-up of phone numbers."""
        return self._area_keys[0]

    @property
    def area_keys(self) -> tuple[bytes, ...]:
        """The area key, then those used before it: riders enrolled before the box was are found by them."""
        return self._area_keys

    @property
    def hub_seal_key(self) -> bytes | None:
        """The hub's public key (X25519, 32 bytes) that phones are sealed to; None until the box is enrolled."""
        return bytes.fromhex(self._hub.seal_key) if self._hub is not None else None

    @property
    def seal_key(self) -> bytes:
        """The public key to seal a phone to.

        The hub's; before enrolment the box's own, whose private half lies in the keys folder. So until a box is
        enrolled, a thief of the disk can open the phones taken on it; afterwards nobody but the hub can open any
        (`kiosk.riders.resealing`).
        """
        if self.hub_seal_key is not None:
            return self.hub_seal_key
        return bytes(self._own_pair().public_key)

    @property
    def own_sealing_key(self) -> bytes | None:
        """The private half (32 bytes) of the box's own sealing pair; None once every phone is sealed to the hub's."""
        return None if self._sealing is None else bytes(self._sealing)

    @property
    def has_early_phones(self) -> bool:
        """Whether the box has a hub and its own pair still: phones sealed to that are to be sealed to the hub's key."""
        return self._hub is not None and self._sealing is not None

    def forget_own_sealing_key(self) -> None:
        """Delete the box's own sealing pair, once it has a hub: nobody can read what is sealed to it then."""
        if self.has_early_phones:
            delete_secret(self._folder / SEALING_FILE)
            self._sealing = None

    @property
    def hub_verify_key(self) -> bytes | None:
        """The hub's public key (Ed25519, 32 bytes) that certifies issuing keys; None until the box is enrolled."""
        return bytes.fromhex(self._hub.verify_key) if self._hub is not None else None

    @property
    def hub_api_key(self) -> str | None:
        """What the box shows the hub with each request; None until the box is enrolled."""
        return self._hub.api_key if self._hub is not None else None

    def store_hub(self, api_key: str, seal_key: bytes, hub_verify_key: bytes, area_key: bytes | None) -> None:
        """Keep what the hub handed over at enrolment; in force at once and after every restart.

        Args:
            api_key: the box's revocable key at the hub.
            seal_key: public key that phones are sealed to from now on, 32 bytes.
            hub_verify_key: public key that certifies issuing keys, 32 bytes.
            area_key: the area's secret, 32 bytes; None keeps the one in use.

        Raises:
            ValueError: a key is not 32 bytes long; nothing was kept then.
        """
        for key in (seal_key, hub_verify_key, area_key):
            if key is not None and len(key) != KEY_BYTES:
                raise ValueError(f"a key of the hub has {len(key)} bytes; accepted are {KEY_BYTES}")
        self.handovers += 1
        if area_key is not None:
            self._store_area_key(area_key)
        hub = _Hub(api_key=api_key, seal_key=seal_key.hex(), verify_key=hub_verify_key.hex())
        write_secret(self._folder / HUB_FILE, msgspec.json.encode(hub))
        self._area_keys = self._read_area_keys()
        self._hub = hub
        self.handovers += 1

    def _store_area_key(self, area_key: bytes) -> None:
        filed = [area_key, *(key for key in self._filed_area_keys() if key != area_key)]
        write_secret(self._folder / AREA_FILE, "".join(f"{key.hex()}\n" for key in filed).encode())

    def _read_key(self, name: str) -> bytes:
        path = self._folder / name
        return key_from_hex(read_secret(path), path)

    def _read_sealing(self) -> PrivateKey | None:
        if self._hub is not None and not (self._folder / SEALING_FILE).exists():
            return None
        return PrivateKey(self._read_key(SEALING_FILE))

    def _own_pair(self) -> PrivateKey:
        if self._sealing is None:
            raise AssertionError("a box without a hub has a sealing pair")
        return self._sealing

    def _read_retired(self) -> tuple[bytes, ...]:
        path = self._folder / RETIRED_FILE
        if not path.exists():
            return ()
        return tuple(key_from_hex(line, path) for line in read_secret(path).split())

    def _read_hub(self) -> _Hub | None:
        path = self._folder / HUB_FILE
        if not path.exists():
            return None
        try:
            hub = msgspec.json.decode(read_secret(path), type=_Hub)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise KeysError(f"The file {path} is damaged; enrol the station at the hub again.") from None
        for key in (hub.seal_key, hub.verify_key):
            key_from_hex(key.encode(), path)
        return hub

    def _read_area_keys(self) -> tuple[bytes, ...]:
        filed = self._filed_area_keys()
        told = _area_credential()
        return tuple(filed) if told is None else (told, *(key for key in filed if key != told))

    def _filed_area_keys(self) -> list[bytes]:
        path = self._folder / AREA_FILE
        lines = read_secret(path).split() or [b""]
        return [key_from_hex(line, path) for line in lines]


def _new_issuing_seed() -> bytes:
    """A random seed whose cards do not begin with a space, which a shell or a person would lose when copying one.

    A card's first character stands for its version 1 and the key id's first byte, modulo 45 (RFC 9285 §4); 36 is the
    space.
    """
    while True:
        seed = os.urandom(KEY_BYTES)
        first_byte = int(IssuingKey(seed).key_id[:2], 16)
        if (0x0100 + first_byte) % 45 != 36:
            return seed


def _area_credential() -> bytes | None:
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        return None
    path = Path(folder) / AREA_CREDENTIAL
    if not path.exists():
        return None
    data = read_secret(path)
    return data if len(data) == KEY_BYTES else key_from_hex(data, path)
