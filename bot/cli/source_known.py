"""Which addresses are sources already, and which keys are taken."""

from typing import TYPE_CHECKING

from bot.cli.context import Options
from bot.cli.source_fields import ADDRESS_KEYS, Fields
from bot.clock import SystemClock

if TYPE_CHECKING:
    from bot.config import Settings


class Known:
    """What is configured, by address and by key; grows with what is about to be added."""

    def __init__(self, options: Options, settings: "Settings") -> None:
        from bot.parse.outline import address_key

        self._by_address = {address_key(source.url): source.key for source in settings.sources}
        self._keys = {source.key for source in settings.sources}
        for url, key in _discovered(settings, options):
            self._by_address.setdefault(address_key(url), key)

    def key_of(self, url: str) -> str | None:
        """Return the key of the source that has this address, however it is spelt; None where none has."""
        from bot.parse.outline import address_key

        return self._by_address.get(address_key(url))

    def has_key(self, key: str) -> bool:
        """Tell whether a source has this key."""
        return key in self._keys

    def take(self, written: Fields | str) -> Fields | str:
        """Return what is to be written, with an ``id`` where its key is taken, and know it from now on."""
        from bot.config.slugs import slug, slug_of_url
        from bot.parse.outline import address_key

        url = written if isinstance(written, str) else _address(written)
        given = "" if isinstance(written, str) else str(written.get("id") or "")
        name = "" if isinstance(written, str) else str(written.get("name") or "")
        key = given or (slug(name) if name else slug_of_url(url))
        if key in self._keys and not given:
            key = self._free(slug_of_url(url))
            keys: Fields = {"feed": url} if isinstance(written, str) else written
            written = {"id": key, **keys}
        self._keys.add(key)
        self._by_address[address_key(url)] = key
        return written

    def _free(self, key: str) -> str:
        """Return a key that is not taken, made of this one."""
        number = 2
        free = key
        while free in self._keys:
            free = f"{key[:60]}-{number}"
            number += 1
        return free


def _address(written: Fields) -> str:
    return next(str(written[name]) for name in ADDRESS_KEYS.values() if name in written)


def _discovered(settings: "Settings", options: Options) -> list[tuple[str, str]]:
    """Return what was discovered at bare addresses, with their keys; none where there is no database yet."""
    from bot.errors import StoreError
    from bot.store import Store, sources

    url = options.database or settings.database
    try:
        store = Store.open(url, migrate=False, clock_now=SystemClock().now())
    except StoreError:
        # nothing was discovered yet, or somebody else upgrades it: what is configured is known all the same
        return []
    try:
        return [(row.found.url, row.key) for row in store.read(sources.list_sources) if row.found is not None]
    finally:
        store.close()
