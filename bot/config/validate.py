"""Nodes → models: pydantic judges, and what it says is told with the place in the file.

Each item (a source, a watch, a channel, a digest) is judged by itself, so that one faulty item hides
no fault of another.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar, get_args, get_origin

from pydantic import BaseModel, SecretStr, ValidationError

from bot.config.faults import Place, Report, did_you_mean, nearest
from bot.config.yaml_nodes import Mapping, Node, Scalar, Sequence, plain

_Model = TypeVar("_Model", bound=BaseModel)
#: What pydantic calls a fault → what we say of it, after the key's name.
_SAID = {
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_parsing": "must be a number",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be `key: value` lines",
    "model_type": "must be `key: value` lines",
    "model_attributes_type": "must be `key: value` lines",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "must be at most {max_length} characters long",
}
#: A message of another room's model that goes on after the key's name.
_GOES_ON = re.compile(r"(is|are|has|must|needs|holds|cannot)\b")
_LISTS = {"list_type", "tuple_type"}
_CHOICES = {"literal_error", "enum"}


class Told(NamedTuple):
    """One fault in words, with its place."""

    place: Place
    message: str
    hint: str


def validate(model: type[_Model], node: Node, report: Report, *, name: Scalar | None = None) -> _Model | None:
    """Return the model of a node, or None after its faults were reported; ``name`` is the key above it."""
    if isinstance(node, Scalar) and node.is_null:
        # a key with nothing under it: what is missing says more than that it is no mapping
        node = Mapping(place=node.place)
    try:
        return model.model_validate(plain(node))
    except ValidationError as error:
        told: dict[Place, set[str]] = {}
        for one in error.errors(include_url=False):
            found = _Found.of(node, one["loc"], name)
            said = _tell(model, found, dict(one))
            # the branches of a union all complain of one value: the first is enough
            if said.place in report.told or (found.beyond and said.place in told):
                continue
            if said.message not in told.setdefault(said.place, set()):
                told[said.place].add(said.message)
                report.fault(said.place, said.message, hint=said.hint)
        return None


def names_in(models: list[type[BaseModel]]) -> list[str]:
    """Return the keys that models take, the ``_env`` and ``_file`` forms of secrets included."""
    names: list[str] = []
    for model in models:
        for name, info in model.model_fields.items():
            key = info.alias or name
            names.append(key)
            if is_secret(info.annotation):
                names += [f"{key}_env", f"{key}_file"]
    return names


def is_secret(annotation: object) -> bool:
    """Tell whether a field holds a secret, perhaps an absent one."""
    if annotation is SecretStr:
        return True
    if isinstance(annotation, type) or get_origin(annotation) is dict:
        return False
    return any(is_secret(inner) for inner in get_args(annotation))


def holds_secrets(annotation: object) -> bool:
    """Tell whether a field is a mapping whose values are secrets, whatever their names."""
    if get_origin(annotation) is dict:
        return is_secret(get_args(annotation)[1])
    return not isinstance(annotation, type) and any(map(holds_secrets, get_args(annotation)))


def models_inside(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models that a field's type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from models_inside(inner)


class _Found(NamedTuple):
    """Where pydantic's path leads in a file."""

    #: the last node on the path that the file has
    node: Node
    #: the key it stands under; None for an item of a list
    key: Scalar | None
    #: the name of the last key on the path, for the message
    name: str
    #: the node is an item of that key's list
    is_item: bool
    #: the path goes on beyond the file: an absent key, or a union's branch
    beyond: bool

    @classmethod
    def of(cls, node: Node, loc: tuple[int | str, ...], key: Scalar | None) -> "_Found":
        name, is_item, beyond = key.text if key else "", False, False
        for part in loc:
            if isinstance(node, Mapping) and isinstance(part, str) and (value := node.get(part)) is not None:
                key = node.key(part)
                node, name, is_item = value, part, False
            elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
                node, key, is_item = node.items[part], None, True
            elif part == "[key]" and key is not None:
                # a mapping's name is at fault, not what stands under it
                node = key
            else:
                beyond = True
                break
        return cls(node, key, name, is_item, beyond)

    def key_inside(self, name: str) -> Scalar | None:
        """Return a key of the mapping that was found, or None."""
        return self.node.key(name) if isinstance(self.node, Mapping) else None

    @property
    def place(self) -> Place:
        """Return what to point at: a value itself; for more than one line, its key or its first key."""
        if isinstance(self.node, Scalar) and not self.node.is_null:
            return self.node.place
        if self.key is not None:
            return self.key.place
        return head(self.node)


def head(node: Node) -> Place:
    """Return the first key of a mapping, the first character of anything else."""
    if isinstance(node, Mapping) and node.pairs:
        return node.pairs[0][0].place
    return node.place.document.at(node.place.line, node.place.column)


def _tell(model: type[BaseModel], found: _Found, error: dict[str, Any]) -> Told:
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    last = str(error["loc"][-1]) if error["loc"] else ""
    if kind == "extra_forbidden":
        return _unknown(model, found, error["loc"], last)
    if kind == "missing":
        hint = f"or '{last}_env', or '{last}_file'" if last in _secrets_at(model, error["loc"][:-1]) else ""
        return Told(found.place, f"'{last}' is missing", hint)
    if kind == "newsbot_together":
        pointed = found.key_inside(context["key"])
        return Told(pointed.place if pointed else found.place, context["message"], context["hint"])
    subject = f"an item of '{found.name}'" if found.is_item else f"'{found.name}'"
    if kind == "newsbot":
        return Told(found.place, f"{subject} {context['message']}", context["hint"])
    if kind in _CHOICES:
        choices = re.findall(r"'([^']*)'", str(context.get("expected", "")))
        given = found.node.text if isinstance(found.node, Scalar) else ""
        return Told(
            found.place, f"{subject} must be one of {', '.join(choices)}", did_you_mean(given, choices)
        )
    if kind in _SAID:
        hint = (
            f"write a list: [{found.node.text}]" if kind in _LISTS and isinstance(found.node, Scalar) else ""
        )
        return Told(found.place, f"{subject} {_SAID[kind].format_map(context)}", hint)
    said = str(error["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if found.name and not isinstance(found.node, Mapping):
        said = f"{subject}{' ' if _GOES_ON.match(said) else ': '}{said}"
    return Told(found.place, said, str(context.get("hint", "")))


def _unknown(model: type[BaseModel], found: _Found, loc: tuple[int | str, ...], name: str) -> Told:
    models = _models_at(model, loc[:-1])
    later = {key for inner in models for key in getattr(inner, "later", ())}
    elsewhere = {key: hint for inner in models for key, hint in getattr(inner, "elsewhere", {}).items()}
    place = found.key.place if found.key is not None else found.place
    message = f"unknown key '{name}'"
    if name in later or re.sub(r"_(env|file)$", "", name) in later:
        return Told(place, message, "comes in a later version")
    if name in elsewhere:
        return Told(place, message, elsewhere[name])
    valid = names_in(models)
    if not nearest(name, valid) and (near := nearest(name, later, cutoff=0.75)):
        return Told(place, message, f"'{near}' comes in a later version")
    return Told(place, message, did_you_mean(name, valid, what="keys here"))


def _secrets_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> set[str]:
    return {
        info.alias or name
        for inner in _models_at(model, loc)
        for name, info in inner.model_fields.items()
        if is_secret(info.annotation)
    }


def _models_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> list[type[BaseModel]]:
    """Return the models whose keys may stand at a path."""
    models = [model]
    for part in loc:
        inside = [
            inner
            for outer in models
            for name, info in outer.model_fields.items()
            if (info.alias or name) == part
            for inner in models_inside(info.annotation)
        ]
        models = inside or models
    return models
