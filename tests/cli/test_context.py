"""Where the configuration is looked for, and what --since understands."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.context import Options, since
from bot.errors import ConfigError, NewsbotError
from tests.build import NOW


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("24h", NOW - timedelta(hours=24)),
        ("7d", NOW - timedelta(days=7)),
        ("2 weeks", NOW - timedelta(weeks=2)),
        ("30 min", NOW - timedelta(minutes=30)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("2026-11-01T10:00:00+01:00", datetime(2026, 11, 1, 9, tzinfo=UTC)),
    ],
)
def test_since_is_a_span_or_a_date(text, instant):
    assert since(text, now=NOW) == instant


def test_since_says_what_it_understands():
    with pytest.raises(NewsbotError, match="7d"):
        since("last week", now=NOW)


def test_nothing_asked_is_nothing():
    assert since(None, now=NOW) is None


def test_the_folder_is_the_option_then_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("NEWSBOT_CONFIG", str(tmp_path))
    assert Options().folder() == tmp_path
    assert Options(config=Path("elsewhere")).folder() == Path("elsewhere")


def test_a_missing_folder_is_a_configuration_error_that_says_how_to_make_one(tmp_path):
    with pytest.raises(ConfigError, match="newsbot init"):
        Options(config=tmp_path / "none").settings()
