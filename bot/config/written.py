"""Values → YAML as a person would write it: plain where that is safe, else in quotes."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.config.durations import in_words

#: What a value may be when it is written; lists and mappings of them, too.
Value = object
#: Source: what some reader of YAML 1.1 or 1.2 takes for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
#: begins with a letter, and holds nothing that YAML could mean something by
_SAFE = re.compile(r"[^\W\d_](?:[\w ./,'()+’-]*[\w.'()+’])?")
#: Spans, sizes and addresses are no numbers to any reader; an address is plain outside of braces only.
_SPAN = re.compile(r"[0-9]+ [A-Za-z]+")
_ADDRESS = re.compile(r"https?://[!-~]*[!-9;-~]")
#: what would end the line, or could not be seen on it
_BREAKS = re.compile(r"[\t\n\r\x85\u2028\u2029\ufeff]")


def as_key(key: str) -> str:
    """Return a key of letters, digits, - and _ as a line of YAML begins with it."""
    return key if _SAFE.fullmatch(key) and key.lower() not in _WORDS else f"'{key}'"


def as_value(text: str, *, quote: str = "'") -> str:
    """Return a text as it is written behind ``key: `` or ``- ``, on one line, quoted where need be."""
    return text if _SAFE.fullmatch(text) and text.lower() not in _WORDS else _quoted(text, quote)


def _quoted(text: str, quote: str) -> str:
    if _BREAKS.search(text) or (quote == '"' and "\\" not in text and '"' not in text):
        # JSON's quotes and escapes are YAML's
        quoted = json.dumps(text, ensure_ascii=False)
        return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def as_plain(value: Value) -> object:
    """Return a value as a file would say it: texts, and lists and mappings of texts; None stays out."""
    if isinstance(value, Mapping):
        return {str(name): as_plain(inner) for name, inner in value.items() if inner is not None}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_plain(item) for item in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return in_words(value) if isinstance(value, timedelta) else str(value)


def as_node(value: Value, *, within: bool = False, quote: str = "'") -> str:
    """Return a value as it is written behind ``key: ``, on one line; ``within`` brackets or braces."""
    if isinstance(value, Mapping):
        pairs = (
            f"{as_value(str(name))}: {as_node(inner, within=True, quote=quote)}"
            for name, inner in value.items()
        )
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(as_node(item, within=True, quote=quote) for item in value)}]"
    text = str(as_plain(value))
    if isinstance(value, bool | int) or _SPAN.fullmatch(text):
        return text
    if not within and _ADDRESS.fullmatch(text):
        return text
    return _quoted(text, quote) if within and "," in text else as_value(text, quote=quote)
