"""The hub's people: stations, codes, keys, its database and its command."""

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from kiosk import riders
from kiosk.box import Box
from kiosk.cli import main
from kiosk.hub import stations, streams
from kiosk.hub.stations import StationError
from kiosk.hub.store import HubDatabaseError, HubStore
from kiosk.identity.certificate import is_certified
from kiosk.journal.envelope import ZERO, chain
from kiosk.sync.enrol import EnrolError, enrol
from kiosk.system.clock import iso
from models.base import all_models
from models.hub import HUB_MODELS, SCHEMA_VERSION, HubArea, HubBox, HubEvent, HubGap, HubMoved, HubState, HubStation
from tests.helpers.box import make_settings
from tests.helpers.hub import Caller, Hub, decoded, hub_box


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box that is not enrolled."""
    return hub_box(tmp_path)


@pytest.fixture
def caller(hub: Hub, box: Box) -> Caller:
    """Requests with the box's key."""
    return Caller(hub, hub.add(box))


def enrolment(box: Box, code: str, station: str) -> dict[str, object]:
    """The body with which a box asks to be enrolled."""
    return {
        "protocol": 1,
        "code": code,
        "origin": box.origin,
        "station": station,
        "area": "luxi",
        "software": "x",
        "key_id": box.keys.issuing.key_id,
        "public_key": box.keys.issuing.public_key.hex(),
    }


async def test_a_code_is_good_once_for_its_station_and_for_a_week(hub: Hub, box: Box, tmp_path: Path) -> None:
    anonymous = Caller(hub).http
    code = stations.add(hub.store, "LX01", "luxi")
    body = enrolment(box, code.lower(), "LX02")

    async def asked(**fields: object) -> tuple[int, str]:
        response = await anonymous.post("/v1/enrol", json={**body, **fields})
        return response.status_code, response.json().get("error", "")

    assert await asked() == (409, "other_station")
    assert await asked(station="LX01", key_id="00000000") == (422, "public_key")
    assert await asked(station="LX01", code="AAAA") == (403, "code_unknown")
    body["station"] = "LX01"
    assert (await asked())[0] == 200
    # The answer may get lost: the same box may ask again until its key was seen, another one may not.
    assert await asked(origin="00" * 16) == (403, "code_unknown")
    key = (await anonymous.post("/v1/enrol", json=body)).json()["api_key"]
    await Caller(hub, key).pull()
    assert await asked() == (403, "code_unknown")
    body["code"] = stations.add(hub.store, "LX01", "luxi")
    with hub.store.transaction():
        HubStation.update(enrol_until=iso(datetime.now(UTC) - timedelta(seconds=1))).execute()
    assert await asked() == (403, "code_too_old")
    with hub.store.transaction():
        assert key not in {HubBox.get().key_hash, HubBox.get().origin}
        assert HubBox.get().key_hash == hashlib.sha256(key.encode()).hexdigest()


async def test_a_copied_disk_that_is_enrolled_as_another_station_does_not_end_the_key_of_the_first(
    hub: Hub, caller: Caller, box: Box
) -> None:
    code = stations.add(hub.store, "LX02", "luxi")
    body = enrolment(box, code, "LX02")
    refused = await Caller(hub).http.post("/v1/enrol", json=body)
    assert (refused.status_code, refused.json()["error"]) == (409, "other_station")
    assert "enrolled as station LX01" in refused.json()["message"]
    assert (await caller.pull()).events, "the first goes on"
    stations.revoke(hub.store, "LX01")
    assert (await Caller(hub).http.post("/v1/enrol", json=body)).status_code == 200, "a box that moves"


async def test_enrolling_publishes_a_certificate_that_stations_can_check(caller: Caller, box: Box) -> None:
    (event,) = (await caller.pull()).events
    envelope = decoded(event)
    body = msgspec.convert(envelope["body"], riders.IssuerCertified)
    assert (envelope["kind"], envelope["subject"]) == ("issuer.certified", f"issuer:{box.keys.issuing.key_id}")
    key = box.keys.hub_verify_key
    assert key is not None
    assert is_certified(key, box.keys.issuing.public_key, "LX01", box.origin, body.signature)


def test_a_station_stays_in_its_area_and_codes_are_checked(hub: Hub) -> None:
    stations.add(hub.store, "LX01", "luxi")
    with pytest.raises(StationError, match="belongs to the area luxi"):
        stations.add(hub.store, "LX01", "jishou")
    with pytest.raises(StationError, match="found 'lx'"):
        stations.add(hub.store, "lx", "luxi")
    with pytest.raises(StationError, match="no station LX09"):
        stations.revoke(hub.store, "LX09")


def test_nothing_is_done_to_a_station_whose_area_is_closed_while_that_waits_for_it(
    hub: Hub, box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the move is written right then, and would know nothing of it."""
    hub.add(box)
    real = streams.lock_area

    def closed_meanwhile(name: str) -> HubArea:
        HubMoved.create(area=name, moved_to="https://hub2.example", closed_at="2026-11-24T04:00:00.000+00:00")
        return real(name)

    monkeypatch.setattr(streams, "lock_area", closed_meanwhile)
    for deed in (
        lambda: stations.add(hub.store, "LX02", "luxi"),
        lambda: stations.add(hub.store, "LX01", "luxi"),
        lambda: stations.revoke(hub.store, "LX01"),
    ):
        with pytest.raises(StationError, match="has moved to https://hub2"):
            deed()
    assert [(one.code, one.state) for one in stations.stations(hub.store)] == [("LX01", "enrolled")]


def test_the_list_shows_what_became_of_each_station(hub: Hub, box: Box) -> None:
    stations.add(hub.store, "LX02", "luxi")
    hub.add(box)
    assert [(one.code, one.state) for one in stations.stations(hub.store)] == [
        ("LX01", "enrolled"),
        ("LX02", "waiting"),
    ]
    stations.revoke(hub.store, "LX01")
    assert stations.stations(hub.store)[0].state == "revoked"


def test_a_station_whose_code_ran_out_does_not_look_as_if_a_box_could_come(
    hub: Hub, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    for code in ("LX02", "LX03"):
        stations.add(hub.store, code, "luxi")
    hub.add(box)
    stations.add(hub.store, "LX01", "luxi")
    since = "2026-11-20T01:00:00.000+00:00"
    with hub.store.transaction():
        HubStation.update(enrol_until=since).where(HubStation.code != "LX03").execute()
    assert main(["hub", "station", "list", "--database", hub.url]) == 0
    said = capsys.readouterr()
    first, second, third = said.out.splitlines()
    assert first.startswith("LX01  luxi  enrolled  "), "its box needs no code"
    assert second == "LX02  luxi  expired  never seen, code ran out at 2026-11-20T09:00:00+08:00"
    assert third.startswith("LX03  luxi  waiting  never seen, code good until ")
    hint = "The code of LX02 ran out, and lets no box in: `kiosk hub station add LX02 --area luxi` makes a new one.\n"
    assert said.err == hint
    assert main(["hub", "list", "stations", "--area", "luxi", "--csv", "--database", hub.url]) == 0
    said = capsys.readouterr()
    assert [line.split(",")[1] for line in said.out.splitlines()] == ["state", "enrolled", "expired", "waiting"]
    assert said.err.endswith(hint)
    stations.add(hub.store, "LX02", "luxi")
    assert stations.stations(hub.store)[1].state == "waiting"


# The database.


def test_the_hubs_tables_are_not_a_stations(hub: Hub) -> None:
    assert not {str(model._meta.table_name) for model in all_models()} & {
        str(model._meta.table_name) for model in HUB_MODELS
    }


def test_a_database_of_a_newer_version_is_refused_untouched(hub: Hub) -> None:
    with hub.store.transaction():
        HubState.update(schema=SCHEMA_VERSION + 1).execute()
    hub.store.close()
    with pytest.raises(HubDatabaseError, match="newer version"):
        HubStore(hub.store.url)


def test_a_database_of_an_older_version_gets_the_tables_that_it_lacks(hub: Hub, box: Box) -> None:
    key = hub.add(box)
    with hub.store.transaction():
        HubState.update(schema=1).execute()
        hub.store.database.drop_tables([HubGap])
    hub.store.close()
    hub.open()
    with hub.store.transaction():
        assert HubState.get().schema == SCHEMA_VERSION
        assert HubGap.select().count() == 0
        assert HubBox.get().key_hash == hashlib.sha256(key.encode()).hexdigest()


@pytest.mark.parametrize("url", ["hub.db", "sqlite:///", "mysql://x", "sqlite:////nowhere/at/all/hub.db"])
def test_a_url_that_cannot_be_used_is_named(url: str) -> None:
    with pytest.raises(HubDatabaseError, match=re.escape(url) if "nowhere" not in url else "no folder"):
        HubStore(url)


def test_the_file_with_the_hubs_keys_is_nobody_elses_to_read(tmp_path: Path) -> None:
    hub = Hub(tmp_path)
    hub.store.close()
    assert hub.file.stat().st_mode & 0o077 == 0


def test_positions_are_dense_and_the_hubs_own_chain_holds(hub: Hub) -> None:
    stations.add(hub.store, "LX01", "luxi")
    with hub.store.transaction():
        for number in range(5):
            streams.record("luxi", riders.CardRevoked(reason="lost"), subject=f"card:{number}")
        rows = list(HubEvent.select().order_by(HubEvent.position))
        assert [row.position for row in rows] == [1, 2, 3, 4, 5]
        digest = ZERO
        for row in rows:
            digest = chain(digest, row.envelope)
            assert row.digest == digest
        area = HubArea.get()
        assert (area.seq, area.digest, area.lamport) == (5, digest, 5)
        with pytest.raises(ValueError, match="not the hub's"):
            streams.record("luxi", riders.CardIssued(rider="x", key_id="x", issued_day="x"), subject="card:1")


# The command.


def kiosk_hub(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "kiosk.cli", "hub", *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}


def test_the_command_serves_enrols_publishes_and_ends_cleanly(tmp_path: Path, box: Box) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    database = ("--database", "sqlite:///hub.db")
    added = kiosk_hub(tmp_path, "station", "add", "LX01", "--area", "luxi", *database)
    code = added.stdout.removesuffix("\n")
    assert re.fullmatch(r"([A-Z2-9]{4}-){3}[A-Z2-9]{4}", code)
    listen = ("--listen", f"127.0.0.1:{port}", "--config", "there-is-none.toml")
    with subprocess.Popen(
        [sys.executable, "-m", "kiosk.cli", "hub", *database, *listen],
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"ready http://127.0.0.1:{port}\n"
        settings = make_settings(tmp_path / "LX01", "LX01", hub={"url": f"http://127.0.0.1:{port}"})
        with pytest.raises(EnrolError, match="not known"):
            enrol(settings, box.keys, box.origin, "AAAA-AAAA-AAAA-AAAA")
        own = box.keys.area_key
        enrol(settings, box.keys, box.origin, code)
        assert box.keys.hub_api_key is not None
        assert box.keys.area_key != own
        assert own in box.keys.area_keys
        assert (
            kiosk_hub(tmp_path, "notice", "add", "--area", "luxi", "--title", "t", "--text", "x", *database).returncode
            == 0
        )
        pulled = httpx.get(
            f"http://127.0.0.1:{port}/v1/pull", headers={"authorization": f"Bearer {box.keys.hub_api_key}"}
        )
        assert len(pulled.json()["events"]) == 2
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_riders_are_blocked_and_gaps_shown_and_cleared_by_command(
    hub: Hub, box: Box, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.add(box)
    rider = "00000000000000aa"

    def command(*arguments: str) -> tuple[int, str]:
        code = main(["hub", *arguments, "--area", "luxi", "--database", hub.store.url])
        told = capsys.readouterr()
        return code, told.out + told.err

    for deed, state in (("block", "blocked"), ("unblock", "active")):
        code, told = command("rider", deed, rider)
        assert (code, told.splitlines()[0]) == (0, f"Rider {rider} is {state}.")
        assert "is the id right?" in told, "nobody of it has come here"
    assert "is the id right?" in command("card", "revoke", "00000000000000bb", "--reason", "lost")[1]
    assert command("rider", "block", "王小强")[0] == 2
    assert "Nothing is known to be missing" in command("gap", "show")[1]
    with hub.store.transaction():
        kinds = [row.kind for row in HubEvent.select().where(HubEvent.subject == f"rider:{rider}")]
        assert kinds == ["rider.status_set"] * 2
        streams.draw_epoch(streams.lock_area("luxi"))
    assert "may be missing" in command("gap", "show")[1]
    assert command("gap", "clear") == (0, "1 cleared in the area luxi.\n")
    assert "nothing to clear" in command("gap", "clear")[1]
    for deed in ("show", "clear"):
        assert main(["hub", "gap", deed, "--area", "lux", "--database", hub.store.url]) == 1
        assert "There is no area lux" in capsys.readouterr().err


def test_enrolling_where_no_hub_answers_says_so(box: Box) -> None:
    with pytest.raises(EnrolError, match="does not answer"):
        enrol(box.settings, box.keys, box.origin, "AAAA")
