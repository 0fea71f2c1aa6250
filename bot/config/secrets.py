"""Secrets: every key ``x`` that holds one is also written ``x_env: NAME`` or ``x_file: PATH``.

Values are put into the nodes before the models see them, and noted, so that no fault and no log line
shows them. A fault names the variable or the file, never what was in it.
"""

import re
from collections.abc import Mapping as Environment
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import BaseModel

from bot.config.faults import Place, Report, nearest
from bot.config.validate import is_secret, models_inside
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence

#: Keys that hold secrets whatever the model; also what their misspellings are measured by.
_ALWAYS = frozenset({"password", "token", "secret", "webhook_url", "api_key"})
_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FORMS = ("_env", "_file")
#: A secret is a line; whoever names a film by mistake shall not wait for it.
_MAX_FILE = 64 * 1024


@dataclass(frozen=True, kw_only=True, slots=True)
class Vault:
    """Where secrets come from."""

    environ: Environment[str, str]
    #: relative paths start here
    folder: Path
    report: Report

    def unlock(self, node: Node, model: type[BaseModel]) -> Node:
        """Return a node with its ``_env`` and ``_file`` keys replaced by the secrets themselves."""
        if isinstance(node, Sequence):
            return replace(node, items=tuple(self.unlock(item, model) for item in node.items))
        if not isinstance(node, Mapping):
            return node
        fields = {info.alias or name: info.annotation for name, info in model.model_fields.items()}
        secret = {key for key, annotation in fields.items() if is_secret(annotation)}
        pairs: dict[str, tuple[Scalar, Node]] = {}
        for key, value in node.pairs:
            base = next((key.text.removesuffix(form) for form in _FORMS if key.text.endswith(form)), key.text)
            if base not in secret or (key.text in fields and base != key.text):
                inner = list(models_inside(fields.get(key.text)))
                pairs[key.text] = (key, self.unlock(value, inner[0]) if inner else value)
            elif base in pairs:
                first = pairs[base][0].place
                self.report.fault(
                    key.place, f"'{base}' is given twice, in two ways", hint=f"first on line {first.line + 1}"
                )
            else:
                pairs[base] = (replace(key, text=base), self._secret(key, base, value))
        return replace(node, pairs=tuple(pairs.values()))

    def _secret(self, key: Scalar, base: str, value: Node) -> Node:
        """Return the node of one secret; after a fault, one that nothing more is said of."""
        if not isinstance(value, Scalar) or value.is_null:
            return value
        if key.text == base:
            value.place.hide()
            self._keep(value.text)
            self.report.inline_secrets.append(value.place)
            return value
        found = self._from_environment(value) if key.text.endswith("_env") else self._from_file(key, value)
        if found is None:
            self.report.told.add(value.place)
            return replace(value, text="")
        self._keep(found)
        return replace(value, text=found)

    def _keep(self, secret: str) -> None:
        if secret:
            self.report.secrets.add(secret)

    def _from_environment(self, value: Scalar) -> str | None:
        name = value.text
        if not _ENVIRONMENT_NAME.fullmatch(name):
            # the secret itself may stand here by mistake
            value.place.hide()
            self._keep(name)
            return self._refused(
                value.place,
                "this is not the name of an environment variable",
                "write the variable's name, not its value",
            )
        found = self.environ.get(name)
        if found is None:
            return self._refused(
                value.place,
                f"the environment variable {name} is not set",
                f"set it where newsbot runs: {name}=…",
            )
        if not found.strip():
            return self._refused(value.place, f"the environment variable {name} is empty", "")
        return found

    def _from_file(self, key: Scalar, value: Scalar) -> str | None:
        path = self.folder / value.text
        try:
            if not path.is_file():
                return self._refused(
                    value.place,
                    f"there is no file {path}",
                    f"'{key.text}' names the file that holds the secret",
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


def secret_names(models: list[type[BaseModel]]) -> frozenset[str]:
    """Return the names of all keys that hold secrets, in models and inside them."""
    names, waiting, seen = set(_ALWAYS), list(models), set[type[BaseModel]]()
    while waiting:
        model = waiting.pop()
        if model in seen:
            continue
        seen.add(model)
        for name, info in model.model_fields.items():
            if is_secret(info.annotation):
                names.add(info.alias or name)
            waiting += models_inside(info.annotation)
    return frozenset(names)


def hide_lookalikes(node: Node, names: frozenset[str]) -> None:
    """Cover the values of keys that hold secrets or are spelt nearly so, before a fault shows their line."""
    if isinstance(node, Sequence):
        for item in node.items:
            hide_lookalikes(item, names)
    elif isinstance(node, Mapping):
        for key, value in node.pairs:
            if (
                isinstance(value, Scalar)
                and not key.text.endswith(_FORMS)
                and nearest(key.text, names, cutoff=0.75)
            ):
                value.place.hide()
            hide_lookalikes(value, names)
