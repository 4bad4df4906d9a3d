"""The hub's database by its address: which one is meant, and which cannot be used."""

import re
import sys
from contextlib import closing

import psycopg
import pytest

from kiosk.hub.address import masked, scrubbed
from kiosk.hub.postgres import UnfitServerError, check_server, check_version
from kiosk.hub.store import HubDatabaseError, HubStore
from tests.helpers.postgres import Databases, free_port


def answers(url: str) -> bool:
    """Whether there is a hub's database."""
    with closing(HubStore(url)) as store, store.reading():
        return bool(store.state().name)


# Where it is.


def test_of_several_hosts_the_one_that_answers_is_used(databases: Databases) -> None:
    name = databases.wiped().rpartition("/")[2]
    hosts = f"127.0.0.1:{free_port()},127.0.0.1:{databases.server.port}"
    for url in (f"postgresql://hub@{hosts}/{name}?target_session_attrs=read-write", f"postgres://hub@{hosts}/{name}"):
        assert answers(url)


def test_a_socket_is_as_good_as_an_address(databases: Databases) -> None:
    name = databases.wiped().rpartition("/")[2]
    server = databases.server
    assert answers(f"postgresql:///{name}?host={server.folder}&port={server.port}&user=hub")


# What cannot be used.


@pytest.mark.parametrize(
    "url",
    [
        "postgresql:/hub:secret@h/d",
        "postgresql://hub:secret@h:port/d",
        "postgresql://hub:sec%ret@h/d",
        "postgresql://hub:secret@h/d?colour=red",
        "postgresql://hub:secret@127.0.0.1:1/d",
        "postgresql://hub@127.0.0.1:1/d?password=secret",
        "mysql://hub:secret@h/d",
    ],
)
def test_a_url_that_cannot_be_used_is_named_without_its_password(url: str) -> None:
    with pytest.raises(HubDatabaseError) as failed:
        HubStore(url)
    said = str(failed.value)
    assert "secret" not in said
    assert "sec%ret" not in said
    assert said.startswith("The hub's database")
    assert said.endswith(".")
    assert "\n" not in said


def test_a_password_is_masked_wherever_it_stands() -> None:
    assert masked("postgresql://u:p@h/d") == "postgresql://u:***@h/d"
    assert masked("postgresql://u:p@ss:w?/@h:1,i:2/d?x=1") == "postgresql://u:***@h:1,i:2/d?x=1"
    assert masked("postgresql://u@h/d?sslpassword=a&password=b") == "postgresql://u@h/d?sslpassword=***&password=***"
    assert masked("postgresql://h:5432/d") == "postgresql://h:5432/d"
    assert masked("sqlite:///a:b@c.db") == "sqlite:///a:b@c.db"
    assert scrubbed("it is a%20b,\n\tor a b", "postgresql://u:a%20b@h/d") == "it is ***, or ***"


def test_a_database_that_is_not_there_or_a_role_that_may_not_is_named(databases: Databases) -> None:
    with pytest.raises(HubDatabaseError, match='database "nowhere" does not exist'):
        HubStore(databases.server.url("nowhere"))
    with pytest.raises(HubDatabaseError, match='role "stranger" does not exist'):
        HubStore(databases.server.url(user="stranger"))


def test_a_database_that_may_only_be_read_or_holds_no_unicode_is_refused(databases: Databases) -> None:
    url = databases.empty()
    name = url.rpartition("/")[2]
    databases.server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with pytest.raises(HubDatabaseError, match="only read"):
        HubStore(url)
    databases.server.execute("CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(HubDatabaseError, match="encoding is SQL_ASCII; accepted is UTF8"):
        HubStore(databases.server.url("plain"))


def test_a_server_that_is_too_old_or_a_standby_is_refused_with_a_sentence() -> None:
    check_version(130_000)
    with pytest.raises(UnfitServerError, match=re.escape("PostgreSQL 12; accepted is 13 or later")):
        check_version(120_019)
    with pytest.raises(UnfitServerError, match="standby, which is read-only"):
        check_server(standby=True, read_only="on", encoding="UTF8")


def test_without_its_driver_the_hub_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "kiosk.hub.postgres")
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(HubDatabaseError, match="needs the package psycopg"):
        HubStore("postgresql://hub:secret@h/d")
    assert psycopg is not None
