"""A configuration folder → frozen settings, or every fault in it at once.

The files are read, joined and judged one after the other; then what they say of each other is
compared. A file that cannot be read at all silences only what would follow from it.
"""

import gc
from collections.abc import Iterator
from collections.abc import Mapping as Environment
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bot.config.access import LEAST_PAUSE, check_ca_file, warn_of_risk
from bot.config.channels import build_channel
from bot.config.digests import build_digest
from bot.config.durations import in_words
from bot.config.faults import Document, Report, did_you_mean
from bot.config.files import Kind, read_kind
from bot.config.memory import Recall
from bot.config.models import NewsbotModel, warn_without_contact
from bot.config.scope import Scopes
from bot.config.secrets import Vault, hide_lookalikes, secret_names
from bot.config.settings import (
    DEFAULT_DATABASE,
    DEFAULT_TIMEZONE,
    ChannelSettings,
    DigestSettings,
    FetchSettings,
    Settings,
    Validators,
)
from bot.config.source_model import SourceModel
from bot.config.sources import Built, build_sources, source_keys
from bot.config.validate import head, validate
from bot.config.watches import judge_watch, key_is_valid
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence
from bot.errors import ConfigError
from bot.model import Source, SourceKind, Watch

_NEWSBOT = Kind(stem="newsbot", needed=False, order=0)
WATCHLISTS = Kind(stem="watchlists", needed=True, order=1)
SOURCES = Kind(stem="sources", needed=True, order=2)
#: What others than its owner and its group may do with a file that holds a secret: nothing.
_TOO_OPEN = 0o777 & ~0o640
_Node = TypeVar("_Node", Sequence, Mapping)


def load(folder: Path, *, validators: Validators, environ: Environment[str, str]) -> Settings:
    """Read ``newsbot.yaml``, ``watchlists.yaml``, ``sources.yaml`` and their ``.d`` folders.

    Paths in faults begin as ``folder`` was given. Raises ConfigError with every fault of every file.
    """
    names = secret_names([NewsbotModel, SourceModel, *validators.channels.values()])
    report = Report(secret_names=names)
    check_folder(folder, report)
    recall = Recall(validators.memory)
    loader = _Loader(
        folder=folder,
        validators=validators,
        vault=Vault(environ=environ, folder=folder, report=report),
        recall=recall,
    )
    with undisturbed():
        settings = loader.settings()
    recall.done()
    if report.count:
        raise ConfigError(report.faults)
    return settings


@contextmanager
def undisturbed() -> Iterator[None]:
    """Keep the garbage collector from looking meanwhile: nearly all that is made here stays.

    Measured: with 10,000 watches it takes a third of the time of a first reading.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def check_folder(folder: Path, report: Report) -> None:
    """Raise ConfigError when there is nothing to read in."""
    here = Document(file=str(folder)).at(0, 0)
    try:
        if not folder.is_dir():
            report.fault(here, "there is no such folder", hint="`newsbot init` writes one")
    except OSError as error:
        report.fault(here, f"cannot be read: {error.strerror}", hint="check who may read it")
    if report.count:
        raise ConfigError(report.faults)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Loader:
    """The steps of one reading."""

    folder: Path
    validators: Validators
    vault: Vault
    recall: Recall

    @property
    def report(self) -> Report:
        """Where everything is noted."""
        return self.vault.report

    def settings(self) -> Settings:
        """Return the settings; they hold only what is without fault."""
        newsbot = read_kind(self.folder, _NEWSBOT, self.report)
        watchlists = read_kind(self.folder, WATCHLISTS, self.report, self.recall)
        sources_root = read_kind(self.folder, SOURCES, self.report, self.recall)
        model = self._newsbot(newsbot)
        watches = self._watches(watchlists)
        fetch = model.fetch.settings(self.folder) if model else FetchSettings()
        built = self._sources(sources_root, fetch)
        sources = tuple(built.sources)
        self._check_scopes(watchlists, watches, sources, sources_root)
        channels = self._channels(newsbot)
        digests = self._digests(newsbot, model, watchlists)
        if newsbot is not None:
            self._warn_of_unused(newsbot)
            self._check_manners(newsbot, fetch, sources)
        self._warn_of_open_files()
        return Settings(
            folder=self.folder,
            contact=model.contact if model else None,
            timezone=model.timezone if model else DEFAULT_TIMEZONE,
            database=model.database.get_secret_value() if model else DEFAULT_DATABASE,
            fetch=fetch,
            sources=sources,
            access=built.access,
            watches=watches,
            channels=channels,
            digests=digests,
            warnings=self.report.warnings,
            secrets=tuple(sorted(self.report.secrets)),
        )

    def _newsbot(self, root: Mapping | None) -> NewsbotModel | None:
        if root is None:
            return None
        hide_lookalikes(root, self.report.secret_names - {"database"})
        pairs = tuple(pair for pair in root.pairs if pair[0].text not in ("channels", "digests"))
        own = self.vault.unlock(Mapping(place=root.place, pairs=pairs), NewsbotModel)
        assert isinstance(own, Mapping)
        model = validate(NewsbotModel, own, self.report)
        if model is not None:
            warn_without_contact(model, root, self.report)
        return model

    def _watches(self, root: Mapping | None) -> tuple[Watch, ...]:
        watches = self._member(root, "watches", Mapping)
        if watches is None:
            return ()
        if not watches.pairs:
            self.report.warning(
                watches.place, "no watches: nothing will be found", hint="add one under 'watches:'"
            )
        found = []
        for key, node in watches.pairs:
            judged = self.recall.judged(key)
            if judged is None and key_is_valid(key, "watch", self.report):
                judged = judge_watch(key, node, validators=self.validators, report=self.report)
                if judged is not None:
                    self.recall.keep_judged(key, judged)
            if judged is not None:
                found.append(judged.watch)
                for place, message, hint in judged.notes:
                    self.report.warning(place, message, hint=hint)
        return tuple(found)

    def _check_scopes(
        self,
        watchlists: Mapping | None,
        watches: tuple[Watch, ...],
        sources: tuple[Source, ...],
        sources_root: Mapping | None,
    ) -> None:
        """Compare the sources that watches are for with those that there are."""
        items = sources_root.get("sources") if sources_root else None
        scopes = Scopes(sources, source_keys(items) if isinstance(items, Sequence) else None)
        pairs = watchlists.get("watches") if watchlists else None
        if not isinstance(pairs, Mapping):
            return
        by_key = {watch.key: watch for watch in watches}
        searches = [source for source in sources if source.kind is SourceKind.SEARCH and source.enabled]
        for key, node in pairs.pairs:
            watch = by_key.get(key.text)
            if watch is None or watch.sources:
                scopes.check_keys(node, self.report)
            if watch is not None and (watch.sources or watch.tags or watch.tiers or watch.languages):
                scopes.warn(watch, key, node, self.report)
            if watch is not None and searches:
                self._warn_of_unsearchable(watch, key, searches)

    def _warn_of_unsearchable(self, watch: Watch, key: Scalar, searches: list[Source]) -> None:
        """Say where a search is not asked for a watch, though it looks at it."""
        asked = [search.name for search in searches if not watch.sources or search.key in watch.sources]
        if watch.enabled and asked and not self.validators.searchable(watch.query):
            self.report.warning(
                key.place,
                f"'{key.text}' cannot be looked for by {', '.join(asked)}",
                hint="no search engine understands a regular expression alone, or so many alternatives",
            )

    def _sources(self, root: Mapping | None, fetch: FetchSettings) -> Built:
        items = self._member(root, "sources", Sequence)
        if items is None:
            return Built()
        if not items.items:
            self.report.warning(
                items.place, "no sources: nothing will be read", hint="add one under 'sources:'"
            )
        return build_sources(items, fetch=fetch, vault=self.vault)

    def _channels(self, root: Mapping | None) -> tuple[ChannelSettings, ...]:
        built = [
            build_channel(key, node, kinds=self.validators.channels, vault=self.vault)
            for key, node in self._entries(root, "channels", check="channel")
        ]
        return tuple(channel for channel in built if channel is not None)

    def _digests(
        self, root: Mapping | None, model: NewsbotModel | None, watchlists: Mapping | None
    ) -> tuple[DigestSettings, ...]:
        known = watchlists.get("watches") if watchlists else None
        watches = {key.text for key, _ in known.pairs} if isinstance(known, Mapping) else None
        channels = {key.text for key, _ in self._entries(root, "channels")}
        built = [
            build_digest(
                key,
                node,
                zone=model.timezone if model else DEFAULT_TIMEZONE,
                watches=watches,
                channels=channels,
                validators=self.validators,
                report=self.report,
            )
            for key, node in self._entries(root, "digests", check="digest")
        ]
        return tuple(digest for digest in built if digest is not None)

    def _entries(self, root: Mapping | None, name: str, *, check: str = "") -> list[tuple[Scalar, Node]]:
        """Return the named entries of a part of newsbot.yaml; with ``check``, report what is no such part."""
        part = root.get(name) if root else None
        if part is None or (isinstance(part, Scalar) and part.is_null):
            return []
        if not isinstance(part, Mapping):
            key = root.key(name) if root else None
            if check and key:
                self.report.fault(
                    key.place, f"'{name}' must be `key: value` lines", hint=f"one key for each {check}"
                )
            return []
        return [pair for pair in part.pairs if not check or key_is_valid(pair[0], check, self.report)]

    def _member(self, root: Mapping | None, name: str, kind: type[_Node]) -> _Node | None:
        """Return the one member of a sources or watchlists file; None after a fault was reported."""
        if root is None:
            return None
        for key, _ in root.pairs:
            if key.text != name:
                self.report.fault(
                    key.place,
                    f"unknown key '{key.text}'",
                    hint=did_you_mean(key.text, [name], what="keys here"),
                )
        key_found, part = root.key(name), root.get(name)
        if key_found is None or part is None:
            if not root.pairs:
                return kind(place=root.place)
            if not any(did_you_mean(other.text, [name]) for other, _ in root.pairs):
                self.report.fault(head(root), f"'{name}:' is missing", hint=f"the file begins with {name}:")
            return None
        if isinstance(part, Scalar) and part.is_null:
            return kind(place=key_found.place)
        if not isinstance(part, kind):
            shape = (
                "a list: each item begins with '- '"
                if kind is Sequence
                else "`key: value` lines, one for each watch"
            )
            self.report.fault(key_found.place, f"'{name}' must be {shape}")
            return None
        return part

    def _check_manners(self, root: Mapping, fetch: FetchSettings, sources: tuple[Source, ...]) -> None:
        """Refuse to hurry hosts that are not the user's own, and warn of less care than usual for all."""
        part = root.get("fetch")
        if not isinstance(part, Mapping):
            return
        for key in ("tls_verify", "ca_file", "robots"):
            if (value := part.get(key)) is not None:
                warn_of_risk(fetch, key, value.place, self.report)
                if key == "ca_file" and fetch.ca_file is not None:
                    check_ca_file(fetch.ca_file, value.place, self.report)
        public = next((source for source in sources if _is_hurried(source)), None)
        if fetch.host_pause < LEAST_PAUSE and public is not None:
            pause = part.get("host_pause")
            self.report.fault(
                pause.place if pause else head(part),
                f"'host_pause' under {in_words(LEAST_PAUSE)} is only for networks of one's own",
                hint=f"the source '{public.key}' has no allow_private",
            )

    def _warn_of_unused(self, root: Mapping) -> None:
        used: set[str] = set()
        for _, digest in self._entries(root, "digests"):
            named = digest.get("channels") if isinstance(digest, Mapping) else None
            if isinstance(named, Sequence):
                used |= {item.text.strip() for item in named.items if isinstance(item, Scalar)}
        for key, _ in self._entries(root, "channels"):
            if key.text not in used:
                self.report.warning(
                    key.place,
                    f"no digest uses the channel '{key.text}'",
                    hint="name it in a digest's channels",
                )

    def _warn_of_open_files(self) -> None:
        warned: set[Document] = set()
        for place in self.report.inline_secrets:
            document = place.document
            if document.mode & _TOO_OPEN and document not in warned:
                warned.add(document)
                mode = f"{document.mode:04o}"
                self.report.warning(
                    place,
                    f"the file holds a secret and others may read it (mode {mode})",
                    hint=f"chmod 640 {document.file}, or name the secret by its _env or _file key",
                )


def _is_hurried(source: Source) -> bool:
    """Tell whether a pause for all holds for a host that is not the user's own."""
    return source.enabled and not source.allow_private and source.host_pause is None
