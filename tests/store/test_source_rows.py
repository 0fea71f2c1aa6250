"""A source and its row: what is configured comes back, old rows are read, secrets have no place."""

from dataclasses import fields
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from bot.model import Access, FullText, JsonLd, PauseScope, Rhythm, Source, SourceKind, Tier
from bot.store import Store, sources
from bot.store.source_rows import settings_of, source_from
from bot.store.tables import sources as table
from tests.store.build import a_source, rows

#: A value other than the default for every field that a row keeps in its settings.
OTHERWISE: dict[str, Any] = {
    "language": "de",
    "tags": ("space", "defence"),
    "tier": Tier.OFFICIAL,
    "every": timedelta(minutes=7, seconds=30),
    "adapts": False,
    "baseline": False,
    "allow_private": ("127.0.0.0/8",),
    "links": "main a",
    "title": "h2",
    "date": "time",
    "newer_than": timedelta(days=3),
    "next": "a.next",
    "pages": 3,
    "full_text": FullText.FEED,
    "json_ld": JsonLd.OFF,
    "content_selector": "article",
    "scope": PauseScope.DOMAIN,
    "host_pause": timedelta(seconds=5),
    "timeout": timedelta(seconds=90),
    "max_body": 50_000_000,
    "max_entries": 50,
    "user_agent": "Another/1.0",
    "robots": False,
    "tls_verify": False,
    "ca_file": "/etc/ssl/own.pem",
    "parent": "wires",
    "watch": "cspo",
    "was": "former",
}
COLUMNS = {"key", "name", "kind", "url", "enabled"}
#: As revision 0002 wrote them.
OLD_SETTINGS = {
    "language": None,
    "tags": ["space"],
    "tier": None,
    "every_s": 450.0,
    "baseline": True,
    "allow_private": [],
    "links": "main a",
    "title": None,
    "date": None,
    "newer_than_s": 86400.0,
}


def through(store: Store, source: Source, now: datetime) -> Source:
    """Store a source and return it as it comes back."""
    store.write(sources.sync, [source], now=now)
    return store.read(sources.list_sources)[0].source


def test_every_field_is_tried():
    assert {field.name for field in fields(Source)} == set(OTHERWISE) | COLUMNS


def test_a_source_comes_back_as_it_was_configured(store: Store, now: datetime):
    source = a_source("press", kind=SourceKind.LISTING, enabled=False, **OTHERWISE)
    assert through(store, source, now) == source


@pytest.mark.parametrize("name", OTHERWISE)
def test_each_field_alone_comes_back(name: str):
    source = a_source(**{name: OTHERWISE[name]})
    settings = settings_of(source)
    assert len(settings) == 1
    assert source_from(_row(source, settings)) == source


@given(st.sets(st.sampled_from(sorted(OTHERWISE))))
def test_any_fields_together_come_back(names: set[str]):
    source = a_source(**{name: OTHERWISE[name] for name in names})
    assert source_from(_row(source, settings_of(source))) == source


def test_what_is_the_default_takes_no_room():
    assert settings_of(a_source()) == {}


def test_settings_of_an_older_release_are_read_with_the_defaults_of_what_they_lack():
    expected = a_source(
        tags=("space",), every=timedelta(seconds=450), links="main a", newer_than=timedelta(days=1)
    )
    assert source_from(_row(expected, OLD_SETTINGS)) == expected


def test_settings_that_nobody_knows_are_left_alone():
    assert source_from(_row(a_source(), {"colour": "blue"})) == a_source()


def test_a_secret_has_no_place_in_a_source():
    assert not {field.name for field in fields(Access)} & {field.name for field in fields(Source)}


def test_everything_that_is_learned_of_a_rhythm_has_a_column():
    assert {field.name for field in fields(Rhythm)} <= set(table.c.keys())


def test_the_host_is_the_name_that_manners_are_kept_by(store: Store, now: datetime):
    source = a_source(url="https://news.orbit.co.uk/feed", scope=PauseScope.DOMAIN)
    store.write(sources.sync, [source], now=now)
    assert store.read(rows, sa.select(table.c.host)) == [{"host": "orbit.co.uk"}]
    assert store.read(sources.due_hosts, now=now, limit=9) == ["orbit.co.uk"]


def _row(source: Source, settings: dict[str, Any]) -> Any:
    """Return a row as the database gives it back: JSON has no tuples."""
    as_json = {name: list(value) if isinstance(value, tuple) else value for name, value in settings.items()}
    return SimpleNamespace(
        key=source.key,
        name=source.name,
        kind=source.kind.value,
        url=source.url,
        enabled=source.enabled,
        settings=as_json,
    )
