"""Which sources there are, and which one is meant: by its key, its name, its address, or how one begins."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.cli.context import Options, unknown
from bot.clock import SystemClock
from bot.errors import FailureKind, NewsbotError

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.store import Store
    from bot.store.sources import SourceRow

#: sources that are named where several are meant
_MOST_NAMED = 5


@contextmanager
def stored(options: Options, settings: "Settings") -> "Iterator[tuple[Store, list[SourceRow]]]":
    """Yield the database and its sources, once it knows what is configured."""
    from bot.app import synchronise
    from bot.store import RunLock, sources

    with options.store() as store:
        if RunLock.holder(settings.database) is None:
            # A running daemon has done so already, with the configuration that it runs.
            synchronise(store, settings, clock=SystemClock())
        yield store, store.read(sources.list_sources)


class Named(Protocol):
    """What a source is known by."""

    @property
    def key(self) -> str:
        """Its key."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def url(self) -> str:
        """Its address."""


N = TypeVar("N", bound=Named)


def chosen(known: Sequence[N], name: str) -> N:
    """Return the source that a name means. Raises NewsbotError where it means none, or several."""
    found = matching(known, name)
    if len(found) == 1:
        return found[0]
    if not found:
        # the keys last: where both are near, the key is offered
        names = [*(one.name for one in known), *(one.key for one in known)]
        raise unknown("source", name, names, hint="`newsbot source` lists them")
    keys = ", ".join(one.key for one in found[:_MOST_NAMED])
    more = f" and {len(found) - _MOST_NAMED} more" if len(found) > _MOST_NAMED else ""
    raise NewsbotError(
        f"{len(found)} sources are meant by this",
        kind=FailureKind.CONFIG,
        subject=name,
        hint=f"name one of {keys}{more}",
    )


def matching(known: Sequence[N], name: str, *, whole: bool = False) -> list[N]:
    """Return the sources that a name may mean: those it names whole, else those that begin with it.

    With ``whole`` only the former.
    """
    from bot.parse.outline import address_key

    wanted = name.strip().casefold()
    address = address_key(name.strip()) if "://" in name else None
    rules: tuple[Callable[[N], bool], ...] = (
        lambda one: one.key == wanted,
        lambda one: one.name.casefold() == wanted,
        lambda one: address is not None and address_key(one.url) == address,
        lambda one: bool(wanted) and one.key.startswith(wanted),
        lambda one: bool(wanted) and one.name.casefold().startswith(wanted),
    )
    for rule in rules[:3] if whole else rules:
        if found := [one for one in known if rule(one)]:
            return found
    return []
