"""Both of YAML's parsers say the same places, so that a fault stands where it is with either."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import starter
from tests.config.folder import GOOD
from tests.config.test_faults import CHANNELS, DIGESTS, GUARDS, SCOPES, SETTINGS, SOURCES, WATCHES, unmarked
from tests.config.test_property import YAMLISH

PARSERS = [loader for name in ("CSafeLoader", "SafeLoader") if (loader := getattr(yaml, name, None))]
BROKEN = [*SETTINGS, *CHANNELS, *DIGESTS, *SOURCES, *WATCHES, *GUARDS, *SCOPES]
TEXTS = [*starter().values(), *GOOD.values(), *(unmarked(case.text)[0] for case in BROKEN)]


def events(text: str, loader: type) -> list[object] | None:
    """Return what a parser finds, with the places that are used; None where it refuses the text."""
    found: list[object] = []
    try:
        for event in yaml.parse(text, Loader=loader):
            start, end = event.start_mark, event.end_mark
            if isinstance(event, yaml.ScalarEvent) and not event.value and not event.style:
                # where nothing is written, nothing is pointed at but the key
                found.append("nothing")
            elif isinstance(event, yaml.ScalarEvent):
                found.append(
                    (event.value, event.style or "", start.line, start.column, *last(text, event, end))
                )
            elif isinstance(event, yaml.NodeEvent):
                found.append((type(event).__name__, event.anchor, start.line, start.column))
    except yaml.YAMLError:
        return None
    return found


def last(text: str, event: yaml.ScalarEvent, end: yaml.Mark) -> tuple[int, ...]:
    # a block ends somewhere in the blank lines behind it, which no fault is told of
    return () if event.style in ("|", ">") else (end.line, end.column)


@pytest.mark.parametrize("text", TEXTS)
def test_every_value_stands_at_the_same_place(text: str) -> None:
    """Columns are characters, whatever the script and the style."""
    found = [places for parser in PARSERS if (places := events(text, parser)) is not None]
    assert all(places == found[0] for places in found)


@given(
    st.lists(
        st.sampled_from(["日本", "é", "😀", "a", "'b c'", '"d\\u00e9"', "[x, 宇宙]", "{y: 😀}"]), max_size=6
    )
)
@settings(max_examples=100, deadline=None)
def test_places_are_counted_in_characters(values: list[str]) -> None:
    """Not in bytes, and not in UTF-16 units."""
    text = "".join(f"  鍵{number}é: {value}\n" for number, value in enumerate(values))
    found = [events(f"watches:\n{text}", parser) for parser in PARSERS]
    assert all(places == found[0] and places is not None for places in found)


@given(YAMLISH)
@settings(max_examples=300, deadline=None)
def test_what_both_accept_is_the_same(text: str) -> None:
    """Whatever the text."""
    found = [places for parser in PARSERS if (places := events(text, parser)) is not None]
    if len(found) == len(PARSERS):
        assert all(places == found[0] for places in found)
