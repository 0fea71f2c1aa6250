"""Secrets: every key ``x`` that holds one is also written ``x_env: NAME`` or ``x_file: PATH``.

In a mapping whose values are secrets whatever their names (``headers``, ``cookies``) each value is also
written ``{env: NAME}`` or ``{file: PATH}``. Values are put into the nodes before the models see them, and
noted, so that no fault and no log line shows them. A fault names the variable or the file, never what was
in it.
"""

import re
from collections.abc import Mapping as Environment
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

from pydantic import BaseModel

from bot.config.faults import Place, Report, nearest
from bot.config.validate import head, holds_secrets, is_secret, models_inside
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, scalars

#: Keys that hold secrets whatever the model; also what their misspellings are measured by.
_ALWAYS = frozenset({"password", "token", "secret", "webhook_url", "api_key", "Authorization", "Cookie"})
#: Addresses of which only the password is a secret.
_ADDRESSES = frozenset({"database", "proxy"})
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMS = ("_env", "_file")
#: A header that is named so is a secret; ``Accept-Language`` is none.
_TELLING = re.compile(r"auth|cookie|credential|jwt|key|pass|secret|session|sign|token", re.IGNORECASE)
#: Source: RFC 9110 §11.4, credentials.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9-]* [^ ]+")
#: Nothing so short that stands in a file is a secret, and it stands in too many innocent words.
_SHORTEST = 8
#: What stands for a secret that is not looked up: any of them may be so.
_GRANTED = "http://granted.invalid"
#: A secret is a line; whoever names a film by mistake shall not wait for it.
_MAX_FILE = 64 * 1024


class _Keys(NamedTuple):
    """What the keys of a model hold."""

    #: all keys, with the model inside, where there is one
    models: Environment[str, type[BaseModel] | None]
    secret: frozenset[str]
    #: mappings whose values are secrets
    named: frozenset[str]


@lru_cache(maxsize=64)
def _keys_of(model: type[BaseModel]) -> _Keys:
    fields = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
    return _Keys(
        models={key: next(models_inside(annotation), None) for key, annotation in fields.items()},
        secret=frozenset(key for key, annotation in fields.items() if is_secret(annotation)),
        named=frozenset(key for key, annotation in fields.items() if holds_secrets(annotation)),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Vault:
    """Where secrets come from."""

    #: None: nothing is looked up, and what would be is taken for granted
    environ: Environment[str, str] | None
    #: relative paths start here
    folder: Path
    report: Report

    def unlock(self, node: Node, model: type[BaseModel]) -> Node:
        """Return a node with its ``_env`` and ``_file`` keys replaced by the secrets themselves."""
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self.unlock(item, model) for item in node.items))
        if not isinstance(node, Mapping):
            return node
        keys = _keys_of(model)
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.pairs:
            base = _base(key.text)
            if base in keys.secret and (base == key.text or key.text not in keys.models):
                self._put(pairs, key, base, self._secret(key.text, base, value))
            elif key.text in keys.named and isinstance(value, Mapping):
                pairs[key.text] = (key, self._named(value, telling=key.text != "headers"))
            else:
                inner = keys.models.get(key.text)
                pairs[key.text] = (key, self.unlock(value, inner) if inner else value)
        return replace(node, pairs=tuple(pairs.values()))

    def _put(self, pairs: dict[str, tuple[Scalar, Node]], key: Scalar, base: str, value: Node) -> None:
        if base in pairs:
            first = pairs[base][0].place
            self.report.fault(
                key.place, f"'{base}' is given twice, in two ways", hint=f"first on line {first.line + 1}"
            )
        else:
            pairs[base] = (replace(key, text=base), value)

    def _named(self, node: Mapping, *, telling: bool) -> Mapping:
        """Return a mapping of secrets; of those that stand there, ``telling`` ones and those named so are."""
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.pairs:
            if isinstance(value, Mapping):
                self._put(pairs, key, key.text, self._pointed(key, value))
            elif _base(key.text) != key.text:
                self._put(pairs, key, _base(key.text), self._secret(key.text, _base(key.text), value))
            elif isinstance(value, Scalar) and (telling or _TELLING.search(key.text)):
                if len(value.text) >= _SHORTEST:
                    self._keep(value.text, key.text)
                    self.report.inline_secrets.append(value.place)
                self._put(pairs, key, key.text, value)
            else:
                self._put(pairs, key, key.text, value)
        return replace(node, pairs=tuple(pairs.values()))

    def _pointed(self, key: Scalar, value: Mapping) -> Node:
        """Return the secret that ``{env: NAME}`` or ``{file: PATH}`` points at."""
        ways = [(way, inner) for way, inner in value.pairs if f"_{way.text}" in _FORMS]
        if len(ways) == len(value.pairs) == 1:
            return self._secret(f"_{ways[0][0].text}", key.text, ways[0][1])
        self.report.fault(
            head(value),
            f"'{key.text}' must be text, {{env: NAME}} or {{file: PATH}}",
            hint="name the one place where the value is",
        )
        self.report.told.add(value.place)
        return Scalar(place=value.place, text="")

    def _secret(self, way: str, base: str, value: Node) -> Node:
        """Return the node of one secret; after a fault, one that nothing more is said of."""
        if not isinstance(value, Scalar) or value.is_null:
            return value
        if not way.endswith(_FORMS):
            if self._keep(value.text, base):
                value.place.hide()
                self.report.inline_secrets.append(value.place)
            else:
                value.place.show()
            return value
        if self.environ is None:
            return replace(value, text=_GRANTED)
        is_env = way.endswith("_env")
        found = self._from_environment(value, self.environ) if is_env else self._from_file(way, value)
        if found is None:
            self.report.told.add(value.place)
            return replace(value, text="")
        self._keep(found, base)
        return replace(value, text=found)

    def _keep(self, value: str, base: str) -> bool:
        """Note what of a value nobody may read; tell whether anything is."""
        secrets = _secrets_in(value, base)
        self.report.secrets |= secrets
        return bool(secrets)

    def _from_environment(self, value: Scalar, environ: Environment[str, str]) -> str | None:
        name = value.text
        if not _ENVIRONMENT_NAME.fullmatch(name):
            # the secret itself may stand here by mistake
            value.place.hide()
            self._keep(name, "")
            return self._refused(
                value.place,
                "this is not the name of an environment variable",
                "write the variable's name, not its value",
            )
        found = environ.get(name)
        if found is None:
            return self._refused(
                value.place,
                f"the environment variable {name} is not set",
                f"set it where newsbot runs: {name}=…",
            )
        if not found.strip():
            return self._refused(value.place, f"the environment variable {name} is empty", "")
        return found

    def _from_file(self, way: str, value: Scalar) -> str | None:
        path = self.folder / value.text
        try:
            if not path.is_file():
                return self._refused(
                    value.place,
                    f"there is no file {path}",
                    f"'{way.removeprefix('_')}' names the file that holds the secret",
                )
            with path.open("rb") as file:
                data = file.read(_MAX_FILE + 1)
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else "no such name"
            return self._refused(value.place, f"{path} cannot be read: {why}", "")
        if len(data) > _MAX_FILE:
            return self._refused(value.place, f"{path} is too long for a secret", "")
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            return self._refused(value.place, f"{path} is not UTF-8 text", "")
        text = text.removesuffix("\n").removesuffix("\r")
        return text or self._refused(value.place, f"{path} is empty", "")

    def _refused(self, place: Place, message: str, hint: str) -> str | None:
        self.report.fault(place, message, hint=hint)
        return None


def _base(name: str) -> str:
    """Return the key that a ``_env`` or ``_file`` key is a form of, any other key as it is."""
    return next((name.removesuffix(form) for form in _FORMS if name.endswith(form)), name)


def _secrets_in(value: str, base: str) -> set[str]:
    """Return what of a value nobody may read: of an address its password, of ``Bearer x`` the x as well."""
    if base in _ADDRESSES:
        if password := password_of(value):
            return {password, unquote(password)}
        return {value} if "@" in value and (base == "proxy" or "://" not in value) else set()
    last = value.rpartition(" ")[2] if "auth" in base.casefold() and _SCHEME.fullmatch(value) else ""
    return {value} - {""} | ({last} if len(last) >= _SHORTEST else set())


def password_of(url: str) -> str | None:
    """Return the password inside an address, as written; None when it has none."""
    found = re.match(r"[^/]*://[^/@]*?:(.*)@", url)
    return found[1] if found and found[1] else None


def secret_names(models: list[type[BaseModel]]) -> frozenset[str]:
    """Return the names of all keys that hold secrets, in models and inside them."""
    names, waiting, seen = set(_ALWAYS), list(models), set[type[BaseModel]]()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        keys = _keys_of(model)
        names |= keys.secret | keys.named
        waiting += [inner for info in model.model_fields.values() for inner in models_inside(info.annotation)]
    return frozenset(names)


def hide_lookalikes(node: Node, names: frozenset[str]) -> None:
    """Cover the values of keys that hold secrets or are spelt nearly so, before a fault shows their line.

    Under a key that holds a mapping of secrets, every value is covered.
    """
    if isinstance(node, Sequence):
        for item in node.items:
            hide_lookalikes(item, names)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            if not _is_nearly(key.text, names):
                hide_lookalikes(value, names)
            elif isinstance(value, Scalar) and not key.text.endswith(_FORMS):
                value.place.hide()
            elif isinstance(value, Mapping):
                _hide_named(value)
            elif isinstance(value, Sequence):
                for inner in scalars(value):
                    inner.place.hide()


def _hide_named(node: Mapping) -> None:
    for key, value in node.pairs:
        if isinstance(value, Scalar):
            if f"_{key.text}" not in _FORMS and not key.text.endswith(_FORMS):
                value.place.hide()
        elif isinstance(value, Mapping):
            _hide_named(value)
        else:
            for inner in scalars(value):
                inner.place.hide()


@lru_cache(maxsize=4096)
def _is_nearly(key: str, names: frozenset[str]) -> bool:
    return nearest(key, names, cutoff=0.75) is not None
