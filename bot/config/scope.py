"""The scope of a watch, compared with the sources that there are: unknown keys, and watches in vain."""

from collections.abc import Collection, Iterator

from bot.config.faults import Place, Report, did_you_mean, nearest
from bot.config.slugs import slug
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from bot.model import Source, Watch


class Scopes:
    """The sources, ready to be compared with many watches."""

    def __init__(self, sources: Collection[Source], keys: Collection[str] | None) -> None:
        """``keys``: those of all sources, faulty ones included; None where they cannot be known."""
        self._keys = keys
        self._asked = [source for source in sources if source.enabled]
        self._tags = {tag for source in sources for tag in source.tags}
        self._known: dict[tuple[object, ...], list[Source]] = {}

    def check_keys(self, node: Node, report: Report) -> None:
        """Report the sources that a watch names and that do not exist."""
        for item in _scoped(node, "only"):
            key = item.text.strip()
            if self._keys is None or item.is_null or not key or key in self._keys:
                continue
            named = slug(key)
            near = named if named in self._keys else nearest(key, self._keys) or nearest(named, self._keys)
            hint = f"did you mean '{near}'?" if near else did_you_mean(key, self._keys, what="sources")
            report.fault(item.place, f"there is no source '{key}'", hint=hint)

    def warn(self, watch: Watch, key: Scalar, node: Node, report: Report) -> None:
        """Say which scope no source can satisfy; where there are no sources at all, that is said already."""
        if not self._asked or not watch.enabled:
            return
        unknown = [item for item in _scoped(node, "tags") if item.text.strip() not in self._tags]
        for item in unknown:
            tag = item.text.strip()
            hint = did_you_mean(tag, self._tags, what="tags of sources")
            report.warning(item.place, f"no source has the tag '{tag}'", hint=hint)
        found = self._within(watch)
        if not found and not unknown:
            report.warning(
                _place(node, "sources") or key.place,
                "no source is in the scope of the watch: it can find nothing",
                hint=f"no source that is switched on has {_wanted(watch)}",
            )
        elif (
            found
            and watch.languages
            and not any(source.language is None or source.language in watch.languages for source in found)
        ):
            spoken = ", ".join(sorted({source.language for source in found if source.language}))
            report.warning(
                _place(node, "languages") or key.place,
                "no source in the scope of the watch is declared to be in one of these languages",
                hint=f"they are declared as: {spoken}",
            )

    def _within(self, watch: Watch) -> list[Source]:
        """Return the sources in the scope of a watch; many watches have the same."""
        scope = (watch.sources, watch.tags, watch.tiers)
        if scope not in self._known:
            self._known[scope] = [source for source in self._asked if _is_within(source, watch)]
        return self._known[scope]


def _is_within(source: Source, watch: Watch) -> bool:
    return (
        (not watch.sources or source.key in watch.sources)
        and (not watch.tags or not set(watch.tags).isdisjoint(source.tags))
        and (not watch.tiers or source.tier in watch.tiers)
    )


def _wanted(watch: Watch) -> str:
    wanted = (
        ("the key", watch.sources),
        ("the tag", watch.tags),
        ("the tier", tuple(tier.value for tier in watch.tiers)),
    )
    return " and ".join(f"{what} {' or '.join(names)}" for what, names in wanted if names)


def _scoped(watch: Node, name: str) -> Iterator[Scalar]:
    """Yield the items of one list of a watch's scope; a list of sources alone is ``only``."""
    scope = watch.get("sources") if isinstance(watch, Mapping) else None
    if isinstance(scope, Mapping):
        scope = scope.get(name)
    elif name != "only":
        return
    if isinstance(scope, Sequence):
        yield from (item for item in scope.items if isinstance(item, Scalar))


def _place(watch: Node, name: str) -> Place | None:
    key = watch.key(name) if isinstance(watch, Mapping) else None
    return key.place if key is not None else None
