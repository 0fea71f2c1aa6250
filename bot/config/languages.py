"""Language codes as sources declare them: the two letters of ISO 639-1, and what is written instead."""

import re

_CODES = """
    aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de
    dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia
    id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo
    lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl
    ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk
    tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
#: Source: ISO 639-1, the code list of the registration authority.
CODES = frozenset(_CODES.split())
#: A language → the country codes, names and longer codes that are written for it.
_WRITTEN = {
    "ar": "arabic",
    "be": "by",
    "cs": "cz",
    "da": "dk",
    "de": "at german deutsch deu ger",
    "el": "gr",
    "en": "us gb au nz english eng",
    "es": "mx spanish español",
    "fa": "ir",
    "fr": "french français fra fre",
    "he": "il hebrew",
    "it": "italian italiano ita",
    "ja": "jp japanese 日本語 jpn",
    "ko": "korean",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "br portuguese",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
    "uk": "ua ukrainian",
    "vi": "vn",
    "zh": "cn chinese 中文 zho",
}
_MEANT = {written: code for code, many in _WRITTEN.items() for written in many.split()}


def language_fault(text: str) -> tuple[str, str] | None:
    """Return the message and the hint of what is wrong with a language code, or None."""
    folded = text.casefold()
    if folded in CODES:
        return None
    base = re.split(r"[-_]", folded)[0]
    meant = _MEANT.get(folded) or (base if base in CODES and base != folded else None)
    return "must be a language's two letters, such as 'en'", f"did you mean '{meant}'?" if meant else ""
