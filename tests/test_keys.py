"""The box's keys: made once, kept safe, loaded as they were."""

import stat
from pathlib import Path

import pytest

from kiosk.identity.certificate import certify, is_certified
from kiosk.identity.keys import AREA_CREDENTIAL, IssuingKey, Keys, KeysError

HUB_KEYS = ("api-key", b"s" * 32, b"v" * 32)


@pytest.fixture(autouse=True)
def _no_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)


def test_keys_are_made_once_and_then_loaded(tmp_path: Path) -> None:
    made, again = Keys.create(tmp_path / "keys"), Keys.create(tmp_path / "keys")
    loaded = Keys.load(tmp_path / "keys")
    assert made.issuing.public_key == again.issuing.public_key == loaded.issuing.public_key
    assert made.area_key == again.area_key == loaded.area_key
    assert made.seal_key == again.seal_key == loaded.seal_key


def test_only_the_stations_user_may_read_the_keys(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path / "keys")
    keys.store_hub(*HUB_KEYS, None)
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()}
    assert modes == dict.fromkeys(("issuing.key", "area.key", "sealing.key", "hub.json"), 0o600)


def test_two_boxes_have_nothing_in_common(tmp_path: Path) -> None:
    one, other = Keys.create(tmp_path / "one"), Keys.create(tmp_path / "other")
    assert one.issuing.public_key != other.issuing.public_key
    assert one.area_key != other.area_key
    assert one.seal_key != other.seal_key


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    Keys.create(tmp_path)
    (tmp_path / "issuing.key").unlink()
    with pytest.raises(KeysError, match=r"issuing\.key is missing"):
        Keys.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"1234", b"x" * 64, b"\xff" * 64, b"0" * 62])
@pytest.mark.parametrize("name", ["issuing.key", "area.key", "sealing.key"])
def test_a_damaged_key_is_named_and_never_replaced(tmp_path: Path, name: str, content: bytes) -> None:
    Keys.create(tmp_path)
    (tmp_path / name).write_bytes(content)
    with pytest.raises(KeysError, match=f"{name} is damaged"):
        Keys.create(tmp_path)
    assert (tmp_path / name).read_bytes() == content


def test_before_enrolment_there_is_no_hub(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path)
    assert (keys.hub_api_key, keys.hub_seal_key, keys.hub_verify_key) == (None, None, None)


def test_what_the_hub_handed_over_is_in_force_at_once_and_after_a_restart(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path)
    own_area_key = keys.area_key
    keys.store_hub(*HUB_KEYS, b"a" * 32)
    for now in (keys, Keys.load(tmp_path)):
        assert (now.hub_api_key, now.hub_seal_key, now.hub_verify_key) == HUB_KEYS
        assert now.seal_key == HUB_KEYS[1]
        assert now.area_keys == (b"a" * 32, own_area_key)


def test_enrolling_again_keeps_each_area_key_once(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path)
    own = keys.area_key
    for key in (b"a" * 32, b"b" * 32, b"a" * 32):
        keys.store_hub(*HUB_KEYS, key)
    assert Keys.load(tmp_path).area_keys == (b"a" * 32, b"b" * 32, own)


def test_a_key_of_the_wrong_length_is_not_kept(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path)
    with pytest.raises(ValueError, match="has 31 bytes"):
        keys.store_hub("api-key", b"s" * 31, b"v" * 32, None)
    assert keys.hub_api_key is None
    assert not (tmp_path / "hub.json").exists()


def test_a_damaged_enrolment_is_named(tmp_path: Path) -> None:
    Keys.create(tmp_path)
    for content in (b"{", b'{"api_key": "k", "seal_key": "00", "verify_key": "00"}'):
        (tmp_path / "hub.json").write_bytes(content)
        with pytest.raises(KeysError, match=r"hub\.json"):
            Keys.load(tmp_path)


@pytest.mark.parametrize("content", [b"c" * 32, (b"c" * 32).hex().encode() + b"\n"])
def test_the_area_key_comes_from_the_systemd_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    filed = Keys.create(tmp_path / "keys").area_key
    (tmp_path / AREA_CREDENTIAL).write_bytes(content)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Keys.load(tmp_path / "keys").area_keys == (b"c" * 32, filed)


def test_other_credentials_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filed = Keys.create(tmp_path / "keys").area_key
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert Keys.load(tmp_path / "keys").area_key == filed


def test_no_card_of_a_new_box_begins_with_a_blank() -> None:
    from kiosk.identity.keys import _new_issuing_seed

    firsts = {(0x0100 + int(IssuingKey(_new_issuing_seed()).key_id[:2], 16)) % 45 for _ in range(200)}
    assert 36 not in firsts


def test_a_certificate_holds_for_its_own_statement_alone() -> None:
    hub, key = IssuingKey(b"h" * 32), IssuingKey(b"k" * 32)
    signature = certify(b"h" * 32, key.public_key, "LX01", "origin")
    assert is_certified(hub.public_key, key.public_key, "LX01", "origin", signature)
    assert not is_certified(hub.public_key, key.public_key, "LX02", "origin", signature)
    assert not is_certified(hub.public_key, key.public_key, "LX01", "other", signature)
    assert not is_certified(hub.public_key, hub.public_key, "LX01", "origin", signature)
    assert not is_certified(key.public_key, key.public_key, "LX01", "origin", signature)
    for damaged in ("", "00", "zz", signature[:-2], signature + "00"):
        assert not is_certified(hub.public_key, key.public_key, "LX01", "origin", damaged)
