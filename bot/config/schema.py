"""JSON Schemas of the three files, for editors: made of the same models that judge them."""

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from bot.config.fields import KEY_PATTERN
from bot.config.models import NewsbotModel
from bot.config.source_model import ADDRESSES, ONLY_FOR, SourceModel
from bot.config.watch_items import GUARD_LISTS, QUERY_LISTS
from bot.config.watches import WatchModel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FORMS = {"_env": "The environment variable that holds", "_file": "The file that holds"}


def schemas(channels: Mapping[str, type[BaseModel]]) -> dict[str, dict[str, Any]]:
    """Return the schemas of ``newsbot``, ``sources`` and ``watchlists``; ``channels``: kind → options."""
    return {
        "newsbot": _newsbot(channels),
        "sources": _sources(),
        "watchlists": _watchlists(),
    }


def schema_text(schema: Mapping[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _newsbot(channels: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    root = _of(NewsbotModel)
    definitions = root.setdefault("$defs", {})
    kinds = []
    for kind in sorted(channels):
        options = _of(channels[kind])
        definitions |= options.pop("$defs", {})
        properties = {"type": {"const": kind}} | {
            k: v for k, v in options["properties"].items() if k != "type"
        }
        options |= {"title": kind, "properties": properties}
        options["required"] = ["type", *(name for name in options.get("required", []) if name != "type")]
        kinds.append(options)
    # the type alone decides which kind's faults an editor shows
    choices = [
        {"if": {"properties": {"type": {"const": options["title"]}}, "required": ["type"]}, "then": options}
        for options in kinds
    ]
    definitions["Channel"] = {
        "type": "object",
        "required": ["type"],
        "properties": {"type": {"enum": sorted(channels), "description": "How it reaches people."}},
        "allOf": choices,
    }
    properties = root["properties"]
    properties["channels"] = _entries("#/$defs/Channel", properties["channels"]["description"])
    definitions["DigestModel"]["oneOf"] = [{"required": ["schedule"]}, {"required": ["cron"]}]
    properties["digests"] = _entries("#/$defs/DigestModel", properties["digests"]["description"])
    return _headed("Newsbot: settings", root)


def _sources() -> dict[str, Any]:
    source = _of(SourceModel)
    definitions = source.pop("$defs")
    source["oneOf"] = [{"required": [kind]} for kind in ADDRESSES]
    source["dependentRequired"] = {key: [kind] for key, kind in ONLY_FOR.items()}
    address = {"type": "string", "pattern": "^https?://", "description": "An address: its kind is found out."}
    root = {
        "type": "object",
        "additionalProperties": False,
        "required": ["sources"],
        "properties": {"sources": {"type": ["array", "null"], "items": {"anyOf": [address, source]}}},
        "$defs": definitions,
    }
    return _headed("Newsbot: sources", root)


def _watchlists() -> dict[str, Any]:
    watch = _of(WatchModel)
    properties = watch["properties"]
    for name in QUERY_LISTS + GUARD_LISTS:
        # an unquoted {CSpO} is a mapping to an editor, and the exact term to us
        properties[name]["items"] = {"type": ["string", "object", "number", "boolean"]}
    properties["query"] = properties["query"] | {"type": ["string", "object"]}
    scope = watch.pop("$defs")["ScopeModel"]
    keys = {"type": "array", "items": scope["properties"]["only"]["items"], "description": "Keys of sources."}
    properties["sources"] = {
        "description": properties["sources"]["description"],
        "examples": [{"tags": ["defence"]}, ["spacenews"]],
        "anyOf": [scope, keys],
    }
    watch["anyOf"] = [{"required": ["query"]}, {"required": ["any"]}, {"required": ["all"]}]
    watches = _entries("#/$defs/Watch", "What to look for: one key for each topic.")
    watches["type"] = ["object", "null"]
    root = {
        "type": "object",
        "additionalProperties": False,
        "required": ["watches"],
        "properties": {"watches": watches},
        "$defs": {"Watch": watch},
    }
    return _headed("Newsbot: watchlists", root)


def _headed(title: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": _DIALECT, "title": title} | {
        key: value for key, value in schema.items() if key != "title"
    }


def _entries(reference: str, description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "propertyNames": {"pattern": KEY_PATTERN},
        "additionalProperties": {"$ref": reference},
    }


def _of(model: type[BaseModel]) -> dict[str, Any]:
    """Return a model's schema with the two other forms of each secret, and without pydantic's noise."""
    made: dict[str, Any] = _plain(model.model_json_schema(mode="validation"))
    for part in (made, *made.get("$defs", {}).values()):
        if isinstance(part.get("properties"), dict):
            _open_secrets(part)
    return made


def _plain(schema: Any) -> Any:
    """Return a schema without titles and null branches; defaults as YAML writes them."""
    if isinstance(schema, list):
        return [_plain(item) for item in schema]
    if not isinstance(schema, dict):
        return copy.deepcopy(schema)
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: _plain(inner) for name, inner in value.items()}
        elif key == "anyOf" and {"type": "null"} in value and len(value) == 2:
            made |= _plain(next(inner for inner in value if inner != {"type": "null"}))
        elif key == "default" and (value is None or isinstance(value, (list, dict)) or _is_odd(value)):
            continue
        elif key == "description":
            made[key] = re.sub(r"\s+", " ", value)
        elif key != "title":
            made[key] = _plain(value)
    return made


def _is_odd(value: object) -> bool:
    """Tell whether a default is not as a file would write it: ISO spans, covered secrets."""
    return isinstance(value, str) and (value.startswith("P") or set(value) == {"*"})


def _open_secrets(part: dict[str, Any]) -> None:
    """Let each secret of a mapping be given by its ``_env`` or ``_file`` key."""
    needed = part.get("required", [])
    either = []
    for name, value in list(part["properties"].items()):
        if value.get("format") != "password":
            continue
        part["properties"][name] = {key: inner for key, inner in value.items() if key != "writeOnly"}
        for form, words in _FORMS.items():
            part["properties"][f"{name}{form}"] = {"type": "string", "description": f"{words} '{name}'."}
        forms = [{"required": [f"{name}{form}"]} for form in ("", *_FORMS)]
        if name in needed:
            needed.remove(name)
            either.append({"oneOf": forms})
    if either:
        part["allOf"] = either
