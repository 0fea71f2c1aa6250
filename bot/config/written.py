"""Values → YAML as a person would write it: plain where that is safe, else in quotes."""

import json
import re

#: Source: what some reader of YAML 1.1 or 1.2 takes for something else than text.
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"})
#: begins with a letter, and holds nothing that YAML could mean something by
_SAFE = re.compile(r"[^\W\d_](?:[\w ./,'()+’-]*[\w.'()+’])?")
#: what would end the line, or could not be seen on it
_BREAKS = re.compile(r"[\t\n\r\x85\u2028\u2029\ufeff]")


def as_key(key: str) -> str:
    """Return a key of letters, digits, - and _ as a line of YAML begins with it."""
    return key if _SAFE.fullmatch(key) and key.lower() not in _WORDS else f"'{key}'"


def as_value(text: str) -> str:
    """Return a text as it is written behind ``key: `` or ``- ``, on one line."""
    if _SAFE.fullmatch(text) and text.lower() not in _WORDS:
        return text
    if _BREAKS.search(text):
        # JSON's quotes and escapes are YAML's
        quoted = json.dumps(text, ensure_ascii=False)
        return _BREAKS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
