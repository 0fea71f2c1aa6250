"""Source keys made of names and addresses: ``[a-z0-9-]{1,64}``, never empty, the same for ever. Pure.

Latin, Cyrillic and Greek letters are written in plain ones; for scripts that cannot be, the key ends
in a hash of the whole name, so that two Japanese names never share a key.
"""

import hashlib
import re
import unicodedata
from urllib.parse import urlsplit

MAX_KEY = 64
_HASH = 8
#: Each letter, followed by what it is written as.
_TABLE = (
    "ßss æae œoe øo đd ðd þth łl ıi ŋng "
    "аa бb вv гg дd еe жzh зz иi кk лl мm нn оo пp рr сs тt уu фf хkh цts чch шsh щshch ъ ыy ь эe юyu яya "
    "єie іi ґg ђdj јj љlj њnj ћc џdz "
    "αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs τt υy φf χch ψps ωo "
)
_LETTERS = {pair[0]: pair[1:] for pair in _TABLE.split()}


def slug(text: str) -> str:
    """Return a key for a name; the same name always gives the same key."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    bare = "".join(_bare(character) for character in unicodedata.normalize("NFKD", folded))
    plain = "".join(_LETTERS.get(character, character) for character in bare)
    key = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    lost = any(character.isalnum() and not character.isascii() for character in plain)
    if key and not lost and len(key) <= MAX_KEY:
        return key
    digest = hashlib.sha256(folded.encode()).hexdigest()[:_HASH]
    head = key[: MAX_KEY - _HASH - 1].strip("-") or "source"
    return f"{head}-{digest}"


def slug_of_url(url: str) -> str:
    """Return a key for an address: its host without ``www.``, its path and its query."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port else ""
    return slug(f"{host}{port}{parts.path.rstrip('/')}{'?' if parts.query else ''}{parts.query}")


def name_of_url(url: str) -> str:
    """Return what a source without a name is called: its host without ``www.``."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def _bare(character: str) -> str:
    return "" if unicodedata.combining(character) else character
