"""Folding as slowly and plainly as it can be said: character after character, by Unicode names."""

import unicodedata
from dataclasses import dataclass

ZERO_WIDTH_AND_BIDI = {
    *"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u2065\u3164\ufeff\uffa0",
    *map(chr, range(0x180B, 0x1810)), *map(chr, range(0x200B, 0x2010)), *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2070)), *map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0000, 0xE1000)),
    *map(chr, range(0xFFF0, 0xFFF9)), *map(chr, range(0x13430, 0x13440)),
}  # fmt: skip
QUOTES = set("‘’‚‛ʻʼ′´`“”„‟″«»")
STROKES = dict(zip("đħłøŧƀǥƶȼɇɉɍɏıȷ", "dhlotbgzcejryij", strict=True))
SPACELESS_NAMES = (
    "CJK", "IDEOGRAPHIC", "HANGZHOU", "HIRAGANA", "KATAKANA", "HENTAIGANA", "COMBINING KATAKANA", "BOPOMOFO",
    "HANGUL", "THAI", "LAO", "KHMER", "MYANMAR", "VERTICAL KANA", "MASU",
)  # fmt: skip
POINTED = ("ARABIC", "HEBREW")


def is_dropped(char: str) -> bool:
    """Soft hyphens, zero-width and bidi characters, format characters, and tatweel."""
    return char in ZERO_WIDTH_AND_BIDI or unicodedata.category(char) == "Cf" or char == "\u0640"


def is_mark(char: str) -> bool:
    return unicodedata.category(char)[0] == "M"


def is_spaceless(char: str) -> bool:
    if ord(char) >= 0x20000:
        return ord(char) <= 0x3FFFD
    if 0x3400 <= ord(char) <= 0x4DBF or 0x4E00 <= ord(char) <= 0x9FFF:
        return True
    name = unicodedata.name(char, "")
    if "TALLY MARK" in name:
        return False
    if name.startswith("KANGXI") or ("IDEOGRAPHIC" in name and unicodedata.category(char)[0] in "LNM"):
        return True
    return name.startswith(SPACELESS_NAMES) and not name.startswith("CJK STROKE")


def loses_marks(char: str) -> bool:
    name = unicodedata.name(char, "")
    return char.isascii() or name.startswith(("LATIN ", "GREEK ", "CYRILLIC "))


def is_optional(char: str) -> bool:
    """Points that Arabic and Hebrew writers may leave out; hamza and madda are no such points."""
    name = unicodedata.name(char, "")
    keeps = ("HAMZA", "MADDAH ABOVE", "SUBSCRIPT ALEF")
    return (
        is_mark(char)
        and name.startswith(POINTED)
        and not any(word in name for word in keeps if name.endswith(word) or word == "HAMZA")
    )


@dataclass
class Cluster:
    text: str
    #: where its characters stand
    places: list[int]


def clusters(text: str) -> list[Cluster]:
    """A character with all that is written onto it; what is dropped belongs to none."""
    found: list[Cluster] = []
    for at, char in enumerate(text):
        if is_dropped(char):
            continue
        alone = fold_letters(char, joined=True)
        tail = "\u1161" <= alone[:1] <= "\u1175" or "\u11a8" <= alone[:1] <= "\u11c2"
        joins = is_mark(char) or (alone != "" and is_mark(alone[0])) or tail
        if joins and found and not is_lone_separator(found[-1].text):
            found[-1].text += char
            found[-1].places.append(at)
        else:
            found.append(Cluster(char, [at]))
    return found


def is_lone_separator(text: str) -> bool:
    """Nothing is written onto a character that is no letter."""
    if len(text) > 1 or is_mark(fold_letters(text, joined=True)[:1] or text):
        return False
    letters = fold_letters(text)
    return letters != "" and all(habit_of(char, symbol=False) == "space" for char in letters)


def fold_letters(cluster: str, *, joined: bool = False) -> str:
    """Width, case, diacritics."""

    def spaced(text: str) -> str:
        return "".join(" " if char in QUOTES else char for char in text)

    text = spaced(cluster)
    for _ in range(2):
        text = unicodedata.normalize("NFKC", text).casefold()
    text = spaced(unicodedata.normalize("NFKD", text))
    if joined:
        return text
    kept = ""
    base = ""
    for raw in text:
        char = STROKES.get(raw, raw)
        if is_dropped(char) or is_optional(char):
            continue
        if not is_mark(char):
            base = char
        elif base and loses_marks(base) and base.isalnum():
            continue
        kept += char
    return unicodedata.normalize("NFC", kept)


def habit_of(char: str, *, symbol: bool) -> str:
    """How a letter borders on others; everything that is no letter is a space."""
    if unicodedata.category(char)[0] not in "LN" and not (ord(char) >= 0x20000 and is_spaceless(char)):
        return "space"
    if is_spaceless(char):
        return "spaceless"
    return "symbol" if symbol else "word"


def fold(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Return the folded text and, for each of its characters, where it came from."""
    out = [(" ", "space", -1, 0)]
    for cluster in clusters(text):
        symbol = unicodedata.category(cluster.text[0])[0] in "PSZC"
        habit = "space"
        letters = fold_letters(cluster.text[:31])
        for number, char in enumerate(letters):
            if len(letters) == len(cluster.places):
                start = end = cluster.places[number]
            else:
                start, end = cluster.places[0], cluster.places[-1]
            before = out[-1][1]
            if not is_mark(char):
                habit = habit_of(char, symbol=symbol)
            if habit == "space" and before == "space":
                continue
            if "space" not in (habit, before) and habit != before:
                out.append((" ", "space", start, end + 1))
            out.append((" " if habit == "space" else char, habit, start, end + 1))
    if out[-1][1] != "space":
        out.append((" ", "space", len(text), len(text) + 1))
    return "".join(row[0] for row in out), [(row[2], row[3]) for row in out]
