"""Issuing keys over the years: replaced, certified anew, called back; and which cards are good afterwards."""

import json
import stat
from pathlib import Path

import pytest

from kiosk import checkin, riders
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import issuers, stations
from kiosk.hub.office import OfficeError
from kiosk.identity.card import Card, read, write
from kiosk.identity.keys import IssuingKey, Keys
from kiosk.identity.phone import unseal
from kiosk.views import CheckedIn, ScanRefusal
from models.hub import HubBox
from models.journal import RecordRow
from models.sync import SyncHubEventRow
from tests.helpers.box import close_boxes
from tests.helpers.hub import Caller, Hub, Syncing, enrolled_box, hub_box, own_events
from tests.helpers.riders import add_rider


@pytest.fixture
def hub(file_hub: Hub) -> Hub:
    """One engine is enough here."""
    return file_hub


def station(hub: Hub, folder: Path, code: str) -> Box:
    """An enrolled box."""
    return enrolled_box(folder, hub, code)


async def sync(*boxes: Box, hub: Hub) -> None:
    """One round of each."""
    for box in boxes:
        async with Syncing(box, hub).running():
            pass


def shown(box: Box, text: str) -> CheckedIn | ScanRefusal | None:
    """What a station makes of a card."""
    with box.journal.store.use():
        outcome = checkin.present_card(box, text)
    return outcome if isinstance(outcome, CheckedIn) else getattr(outcome, "reason", None)


def enrolled(box: Box, phone: str = "13800001001") -> str:
    """A new rider's card."""
    with box.journal.store.use():
        return add_rider(box, phone=phone).card_text


async def test_a_new_key_is_certified_with_the_next_sync_and_cards_of_both_are_good(hub: Hub, tmp_path: Path) -> None:
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    old = enrolled(one)
    await sync(one, hub=hub)
    key = one.keys.rotate_issuing()
    new = enrolled(one, "13800001002")
    assert read(new).card.key_id == key.key_id != read(old).card.key_id
    assert isinstance(shown(one, new), CheckedIn)
    await sync(one, two, hub=hub)
    for box in (one, two):
        for text in (old, new):
            greeted = shown(box, text)
            assert isinstance(greeted, CheckedIn)
            assert greeted.rider.verified
    with hub.store.transaction():
        assert HubBox.get(HubBox.station == "LX01").issuing_key_id == key.key_id
    before = Syncing(one, hub)
    async with before.running():
        assert "/v1/certify" not in before.net.paths  # it has what it asked for


def test_a_box_knows_its_own_old_cards_without_any_hub_and_after_a_restart(tmp_path: Path) -> None:
    box = hub_box(tmp_path)
    old = enrolled(box)
    box.keys.rotate_issuing()
    box.keys.rotate_issuing()
    again = Keys.load(tmp_path / "LX01" / "keys")
    assert again.issuing.key_id == box.keys.issuing.key_id
    assert again.own_public_key(read(old).card.key_id) == box.keys.own_public_key(read(old).card.key_id) is not None
    assert isinstance(shown(box, old), CheckedIn)
    with box.journal.store.use(), pytest.raises(riders.NoCardError, match="issue a new one"):
        riders.card_text(box, 1)  # its text cannot be made again: nobody has the key any more
    close_boxes()


async def test_a_key_that_is_called_back_leaves_good_what_the_hub_held_and_nothing_else(
    hub: Hub, tmp_path: Path
) -> None:
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    held = enrolled(one)
    other = enrolled(one, "13800001003")
    await sync(one, hub=hub)
    stolen = one.keys.issuing
    late = enrolled(one, "13800001002")  # the hub never heard of it
    assert issuers.call_back(hub.store, "luxi", stolen.key_id, "stolen") == 2
    await sync(two, one, two, hub=hub)
    assert isinstance(shown(two, held), CheckedIn)
    assert shown(two, late) is ScanRefusal.REVOKED
    good = read(held).card
    forged = (
        Card(stolen.key_id, riders.new_id(), good.rider_id, good.issued),  # a new card for a rider
        Card(stolen.key_id, good.card_id, read(other).card.rider_id, good.issued),  # a good card's id, another rider
        Card(stolen.key_id, read(other).card.card_id, good.rider_id, good.issued),
        Card(stolen.key_id, good.card_id, good.rider_id, good.issued.replace(year=good.issued.year + 1)),
    )
    for card in forged:
        assert shown(two, write(card, stolen)) is ScanRefusal.REVOKED
        assert shown(one, write(card, stolen)) is ScanRefusal.REVOKED
    # The box has a new key by itself, and it is certified.
    assert one.keys.issuing.key_id != stolen.key_id
    fresh = enrolled(one, "13800001004")
    await sync(one, two, hub=hub)
    greeted = shown(two, fresh)
    assert isinstance(greeted, CheckedIn)
    assert greeted.rider.verified


async def test_a_box_that_has_heard_of_it_signs_nothing_more_with_the_key(hub: Hub, tmp_path: Path) -> None:
    one = station(hub, tmp_path, "LX01")
    enrolled(one)
    await sync(one, hub=hub)
    stolen = one.keys.issuing.key_id
    issuers.call_back(hub.store, "luxi", stolen, "stolen")
    await sync(one, hub=hub)
    assert read(enrolled(one, "13800001002")).card.key_id != stolen


async def test_vouching_goes_in_pages(hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuers, "CARDS_A_PAGE", 3)
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    texts = [enrolled(one, f"138000010{number:02}") for number in range(8)]
    await sync(one, hub=hub)
    assert issuers.call_back(hub.store, "luxi", one.keys.issuing.key_id, "lost") == 8
    assert len(hub.events("hub:luxi")) == 2 + 3 + 1  # two certificates, three pages, and the call
    await sync(two, hub=hub)
    assert all(isinstance(shown(two, text), CheckedIn) for text in texts)


async def test_the_hub_certifies_once_and_only_what_is_a_boxs_own(hub: Hub, tmp_path: Path) -> None:
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    caller = Caller(hub, one.keys.hub_api_key)
    key = IssuingKey(bytes(range(32)))
    body = {"origin": one.origin, "key_id": key.key_id, "public_key": key.public_key.hex()}
    before = len(hub.events("hub:luxi"))
    for _ in range(2):
        answer = await caller.http.post("/v1/certify", json=body)
        assert (answer.status_code, answer.json()) == (200, {"key_id": key.key_id})
    assert len(hub.events("hub:luxi")) == before + 1

    async def refused(key_shown: str | None, **changed: str) -> tuple[int, str]:
        answer = await Caller(hub, key_shown).http.post("/v1/certify", json={**body, **changed})
        return answer.status_code, str(answer.json()["error"])

    assert await refused(None) == (401, "unknown_key")
    assert await refused(one.keys.hub_api_key, origin=two.origin) == (403, "other_origin")
    assert await refused(one.keys.hub_api_key, key_id="00000000") == (422, "public_key")
    assert await refused(one.keys.hub_api_key, public_key="00") == (422, "public_key")
    assert await refused(two.keys.hub_api_key, origin=two.origin) == (409, "key_in_use")
    issuers.call_back(hub.store, "luxi", key.key_id, "lost")
    assert await refused(one.keys.hub_api_key) == (409, "key_in_use")
    stations.revoke(hub.store, "LX01")
    assert await refused(one.keys.hub_api_key) == (401, "revoked")


async def test_nobody_is_enrolled_with_the_key_of_another_box_and_the_code_stays_good(hub: Hub, tmp_path: Path) -> None:
    one, two = station(hub, tmp_path, "LX01"), hub_box(tmp_path, "LX02")
    body = {
        "protocol": 1,
        "code": stations.add(hub.store, "LX02", "luxi"),
        "origin": two.origin,
        "station": "LX02",
        "area": "luxi",
        "software": "x",
        "key_id": one.keys.issuing.key_id,
        "public_key": one.keys.issuing.public_key.hex(),
    }
    before = hub.events("hub:luxi")
    for called_back in (False, True):
        if called_back:
            issuers.call_back(hub.store, "luxi", one.keys.issuing.key_id, "stolen")
            before = hub.events("hub:luxi")
        answer = await Caller(hub).http.post("/v1/enrol", json=body)
        assert (answer.status_code, answer.json()["error"]) == (409, "key_in_use")
        assert "`kiosk card rotate-key`" in answer.json()["message"]
        assert hub.events("hub:luxi") == before
    drawn = two.keys.rotate_issuing()
    body |= {"key_id": drawn.key_id, "public_key": drawn.public_key.hex()}
    assert (await Caller(hub).http.post("/v1/enrol", json=body)).status_code == 200


async def test_a_box_that_is_enrolled_again_keeps_its_key_unless_that_was_called_back(hub: Hub, tmp_path: Path) -> None:
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    held = one.keys.issuing.key_id
    hub.add(one)
    await sync(one, hub=hub)
    assert one.keys.issuing.key_id == held
    # It is stolen, and comes back: it could not hear that its key was called back.
    stations.revoke(hub.store, "LX01")
    issuers.call_back(hub.store, "luxi", held, "stolen")
    before = len(hub.events("hub:luxi"))
    hub.add(one)
    assert len(hub.events("hub:luxi")) == before, "what was called back gets no certificate any more"
    await sync(one, hub=hub)
    assert one.keys.issuing.key_id != held
    fresh = enrolled(one)
    await sync(one, two, hub=hub)
    greeted = shown(two, fresh)
    assert isinstance(greeted, CheckedIn)
    assert greeted.rider.verified


def test_what_cannot_be_called_back_is_said_in_a_sentence(hub: Hub, tmp_path: Path) -> None:
    one = station(hub, tmp_path, "LX01")
    with pytest.raises(OfficeError, match="No issuing key 00000000"):
        issuers.call_back(hub.store, "luxi", "00000000", "lost")
    assert issuers.call_back(hub.store, "luxi", one.keys.issuing.key_id, "lost") == 0
    with pytest.raises(OfficeError, match="before"):
        issuers.call_back(hub.store, "luxi", one.keys.issuing.key_id, "lost")


def test_a_card_is_replaced_in_one_transaction(tmp_path: Path) -> None:
    box = hub_box(tmp_path)
    lost = enrolled(box)
    before = len(own_events(box))
    with box.journal.store.use():
        new = riders.replace_card(box, 1, "lost", actor="cli")
        assert riders.card_text(box, 1) == new
        with pytest.raises(ValueError, match="reason"):
            riders.replace_card(box, 1, "Lost it", actor="cli")
        assert riders.card_text(box, 1) == new
    assert len(own_events(box)) == before + 2
    assert shown(box, lost) is ScanRefusal.REVOKED
    assert isinstance(shown(box, new), CheckedIn)
    close_boxes()


def test_the_office_calls_a_key_back_by_command(hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = station(hub, tmp_path, "LX01")
    key = one.keys.issuing.key_id
    words = ["hub", "issuer", "revoke", key.upper(), "--area", "luxi", "--database", f"sqlite:///{hub.file}"]
    hub.store.close()
    assert main([*words, "--reason", "stolen"]) == 0
    assert f"The issuing key {key} is called back. 0 of its cards" in capsys.readouterr().out
    assert main([*words, "--reason", "stolen"]) == 1
    assert main([*words[:3], "xyz", *words[4:], "--reason", "stolen"]) == 2
    assert main([*words, "--reason", "By a thief"]) == 2
    hub.open()


async def test_the_hubs_keys_are_exchanged_by_command_and_all_cards_are_good_once_the_stations_are_enrolled_anew(
    hub: Hub, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, two = station(hub, tmp_path, "LX01"), station(hub, tmp_path, "LX02")
    cards = [enrolled(one)]
    await sync(one, hub=hub)
    one.keys.rotate_issuing()
    cards.append(enrolled(one, "13800001002"))
    await sync(one, two, hub=hub)
    before = signatures(two)
    old = tmp_path / "old.json"
    command = ["hub", "--database", hub.url, "keys"]
    assert main([*command, "rotate", "--old", str(old)]) == 0
    assert "3 issuing keys" in capsys.readouterr().out
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    await sync(two, hub=hub)
    unknown = shown(two, cards[0])
    assert isinstance(unknown, CheckedIn)
    assert not unknown.rider.verified, "until it is enrolled anew"
    for box in (one, two):
        hub.add(box)
    cards.append(enrolled(one, "13800001003"))
    await sync(one, two, hub=hub)
    for card in cards:
        greeted = shown(two, card)
        assert isinstance(greeted, CheckedIn)
        assert greeted.rider.verified
    assert not signatures(two) & before, "a restored hub would be handed back what bears the signature of today"
    seals = [file_key(old), new_key(hub)]
    with one.journal.store.use():
        sealed = [json.loads(bytes(row.data))["sealed_phone"] for row in RecordRow.select().order_by(RecordRow.event)]
    assert [unseal(text, seals[place == 2]) for place, text in enumerate(sealed)] == [
        f"1380000100{last}" for last in (1, 2, 3)
    ]
    assert main([*command, "rotate", "--old", str(old)]) == 1, "no file is written over"
    assert main([*command, "rotate", "--old", str(tmp_path / "again.json"), "--to", str(old)]) == 0
    assert new_key(hub) == seals[0]
    assert main([*command, "save", str(tmp_path / "saved.json")]) == 0
    assert (tmp_path / "saved.json").read_bytes() == old.read_bytes()
    (tmp_path / "none.json").write_text("{}")
    assert main([*command, "rotate", "--old", str(tmp_path / "x.json"), "--to", str(tmp_path / "none.json")]) == 1
    assert "holds no keys" in capsys.readouterr().err


def signatures(box: Box) -> set[str]:
    """The hub's signatures that a station keeps."""
    with box.journal.store.use():
        return {str(row.signature) for row in SyncHubEventRow.select()}


def file_key(file: Path) -> bytes:
    """The sealing key that was kept."""
    return bytes.fromhex(json.loads(file.read_bytes())["sealing_key"])


def new_key(hub: Hub) -> bytes:
    """The hub's sealing key."""
    with hub.store.reading():
        return bytes.fromhex(hub.store.state().sealing_key)
