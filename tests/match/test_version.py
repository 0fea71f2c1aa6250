"""A watch's version changes when what it finds could change, and only then."""

from bot.match import watch_version
from bot.model import Watch


def version(query: str, **fields: str) -> str:
    return watch_version(Watch(key="w", query=query, **fields))


def test_a_version_is_twelve_hexadecimal_digits() -> None:
    assert len(version("AsterX")) == 12
    assert int(version("AsterX"), 16) >= 0


def test_another_query_is_another_version() -> None:
    assert len({version("AsterX"), version("{AsterX}"), version("AsterX*"), version("AsterX OR CSpO")}) == 4


def test_another_way_to_write_the_same_query_is_none() -> None:
    assert version("a AND b") == version(" a   b ") == version("(a) (b)")


def test_a_new_name_or_description_is_none() -> None:
    assert version("AsterX") == version("AsterX", name="Exercise", description="Toulouse")
