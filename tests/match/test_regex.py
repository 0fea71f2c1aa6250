"""Regular expressions: the engine's own meaning, words in every script, refusals that teach, linear time."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.match.regex import MOST_CHARACTERS, Pattern, RegexRefused, _bytes_of, _engine, compiled
from bot.match.regex_sets import END, POSIX_NAMES, alphabet, any_case, holds, in_perl, in_posix, one
from tests.match import regex_oracle
from tests.match.strategies import any_text


def found(pattern: str, text: str) -> list[str]:
    return [text[start:end] for start, end in Pattern(pattern).find(text)]


def tried(pattern: str) -> Pattern | RegexRefused:
    try:
        return Pattern(pattern)
    except RegexRefused as refused:
        return refused


def loosely(compiled_pattern: object, text: str) -> list[tuple[int, int]]:
    """All places that another engine finds, empty ones left out as ours are."""
    places: list[tuple[int, int]] = []
    at = 0
    while at <= len(text) and (match := compiled_pattern.search(text, at)):  # type: ignore[attr-defined]
        start, end = match.span()
        if start < end:
            places.append((start, end))
            at = end
        else:
            at = start + 1
    return places


# --- the same as other engines, where they agree on what is meant ---

ASCII_PATTERNS = [
    "a", "abc", "a.c", "a|ab", "ab|a", "(a|ab)(c|bcd)", "a*", "a+", "a?", "a*?b", "a+?", "a??b", "a{2}", "a{2,}",
    "a{1,2}", "a{1,3}?", "[abc]", "[^abc]", "[a-c]+", "[^a-c]+", "[]a]", "[^]a]", "[a-]", "[-a]", "[a\\-c]", r"[\]a]",
    r"\.", r"\*", r"a\.b", r"\d+", r"\D+", r"\s+", r"\S+", r"\w+", r"\W+", r"[\d.]+", r"[^\d]+", r"[\w.]+", r"[^\w ]+",
    r"\bcat\b", r"\bcat", r"cat\b", r"\Bat\b", r"\Bcat", r"c\Bat", r"\b\w", r"\w\b", r"\b\b\bcat\b\b", r"(?:\bc|a)at",
    r"(?:\b|x)cat", r"cat(?:\b|x)", r"\b(?:cat|dog)s?\b", r"(?:\bcat\b\W*)+", r"\b", "^", "$", "^cat", "cat$", "^cat$",
    r"\Acat", "(?m)^cat", "(?m)cat$", "(?m)^cat$", r"(?m)^\w+\b", r"(?m)\bcat\b$", "(?s)a.c", "(?s).+", ".+", "(?i)CAT",
    "(?i)[A-C]+", "(?i)[^a]+", "(?i:C)at", "c(?i:A)t", "(?P<x>c)at", "((c)(a))t", "(?:c|(?:a|t))+", "()", "(|a)b", "a|",
    "|a", "x*cat", "(ca)?t", "(?:ca)*t", "(?:a|b|c|ab|bc)+", "a{0}b", "(?:a{2}){2}", r"\x61", r"\141", r"\n", r"\t", r"a\nb",
    r"[\n\t]", r"[\[]", "[a^]", "a{", "a{x}", "{", "}", "]", "-", "&", "#a", "a b", r"\-", r"\ ", r"\#", r"\_",
    "[a-c-e]", "[!-/]", "(?:(?:(?:a)))", "(a+)(b+)", "(a+|b+)*c", "(?:a+)+b", r"\$\d+(?:\.\d\d)?", "[aeiou]{2,3}",
    r"(?:\d{1,3}\.){3}\d{1,3}", r"[A-Z][a-z]+ [A-Z][a-z]+", r"\w+@\w+\.\w+", r"[A-Z]{2,}-\d+",
]  # fmt: skip
ASCII_TEXTS = [
    "", "a", "b", "aa", "aaa", "aaaa", "abc", "abcd", "ab\nac", "a.c", "cat", "the cat sat", "cats and dogs", "concat",
    "cat\ncat\n", "\ncat", "a-b]c^d", "x{1}", "a{x}", "{}", "CAT Cat", "aXb", "bbbaaa", "abababc", "  \t\n", "a b c",
    "$12.50 and $3", "10.0.0.255", "John Smith met Ann Lee", "mail bob@example.org now", "F-35, SU-57", "ae ooo ieee",
    "[a]", "#a &-!/", "!\"#$%'()*+,./:;<=>?@", "a\tb\x0bc", "\x00\x01\x7f",
]  # fmt: skip


@pytest.mark.parametrize("pattern", ASCII_PATTERNS)
def test_plain_ascii_means_what_it_means_in_python(pattern: str) -> None:
    """Every pattern on every text without an underscore; patterns of places alone are refused."""
    ours = tried(pattern)
    if isinstance(ours, RegexRefused):
        assert pattern in (r"\b", "^", "$", "()")
        assert "empty text" in ours.message
        return
    # $ is the very end here, unless lines are asked for
    plain = pattern if "(?m)" in pattern else re.sub(r"(?<!\\)\$", r"\\Z", pattern)
    theirs = re.compile(plain, re.ASCII)
    for text in ASCII_TEXTS:
        assert ours.find(text) == loosely(theirs, text), text


PIECES = [
    *"abAkKsſßẞéÉ日😀\n .σςΣiıİ_-]^$|*+?(){}", r"\A", r"\z", "(?:", "(?i)", "(?i:", "(?s)", "(?m)", "(?U)", "(?-i)", "(?sm-i:",
    "(?P<n>", "(?<m>", ")", ")", "*?", "+?", "??", "{2}", "{1,3}", "{2,}", "{0}", "{0,2}?", "{x}", "[ab]", "[^a]", "[a-k]",
    "[^A-Zé]", "[]a]", "[^]]", "[a-]", "[-a]", "[+--]", r"\pL", r"\p{Lu}", r"\P{Lu}", r"[\p{Greek}a]", r"[^\P{Ll}]", r"\p{^L}",
    r"\n", r"\t", r"\x41", r"\x{1F600}", r"\101", r"\07", r"\.", r"\*", r"\Qa.+b\E", r"\Q", r"\E", r"\1", r"\q", r"\_", "[", "[^",
    "{1001}", "(?=", "(?x)", r"\8", r"\Z", r"\p{Foo}", r"\x", "[z-a]", r"[a-\pL]", "\\",
]  # fmt: skip
LETTERS = [*"abAkKKsſßẞéÉ日😀\n .σςΣiıİ_-]x+"]


def engine(pattern: str) -> object:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join),
    st.lists(st.lists(st.sampled_from(LETTERS), max_size=12).map("".join), min_size=3, max_size=3),
)
def test_everything_but_words_means_what_the_engine_says(pattern: str, texts: list[str]) -> None:
    """RE2 itself reads the pattern: what it refuses we refuse, what it finds we find at the same places."""
    try:
        theirs = engine(pattern)
    except re2.error as error:
        # a name that comes twice does no harm: nobody asks for it
        if b"duplicate" not in error.args[0]:
            with pytest.raises(RegexRefused):
                Pattern(pattern)
        return
    ours = tried(pattern)
    if isinstance(ours, RegexRefused):
        known = ("empty text", "nothing stands before", "no character at all")
        assert any(words in ours.message for words in known)
        return
    for text in texts:
        assert ours.find(text) == loosely(theirs, text)


def test_case_is_folded_as_the_engine_folds_it() -> None:
    """Every character of Unicode that has another case under (?i), with all its cases."""
    everything = "".join(map(chr, [*range(0xD800), *range(0xE000, END)]))
    cased = "".join(char for char in everything if {char.lower(), char.upper(), char.casefold()} != {char})
    for char in cased:
        family = any_case(one(char))
        theirs = {match.group() for match in engine("(?i)" + re2.escape(char)).finditer(cased)}
        assert {other for other in cased if holds(family, ord(other))} == theirs, hex(ord(char))
    any_of_them = engine("(?i)[" + re2.escape(cased) + "]")
    assert {match.group() for match in any_of_them.finditer(everything)} == set(cased)


# --- words ---

WORDS = [
    # German, French: letters of their own, and with marks written apart
    (r"\bäpfel\b", "die äpfel, äpfelchen, bratäpfel, äpfel.", ["äpfel", "äpfel"]),
    (r"\bÜbung\b", "Übung Übungen (Übung) Nachtübung", ["Übung", "Übung"]),
    (r"\bcafe\b", "cafe\u0301 cafe", ["cafe"]),
    ("\\bcafe\u0301\\b", "cafe\u0301 cafe\u0301s (cafe\u0301)", ["cafe\u0301", "cafe\u0301"]),
    (r"e\b", "cafe\u0301", []),
    (r"\bétat\b", "l'état, l’état; étatique", ["état", "état"]),
    # Greek, Russian, Arabic, Hindi
    (r"\bνέα\b", "τα νέα, νέας, (νέα)", ["νέα", "νέα"]),
    (r"(?i)\bнато\b", "НАТО и нато; наторенный", ["НАТО", "нато"]),
    (r"\bсу-\d+\b", "су-57 су-57м", ["су-57"]),
    (r"\bناتو\b", "قال ناتو، الناتو", ["ناتو"]),
    (r"\bहिन्दी\b", "यह हिन्दी है, हिन्दीभाषी", ["हिन्दी"]),
    (r"\b\w+\b", "हिन्दी में", ["हिन्दी", "में"]),
    # scripts without spaces: every letter is a word, and they border on others
    (r"\bCSpO\b", "日本がCSpOに参加、CSpOC", ["CSpO"]),
    (r"\b宇宙\b", "連合宇宙作戦", ["宇宙"]),
    (r"宙\b宇|宙\b作", "宇宙作戦", ["宙作"]),
    (r"\b作戦\b2024\b", "作戦2024年", ["作戦2024"]),
    (r"\bか\b", "か\u3099か", ["か"]),
    (r"\b한국\b", "한국은 남한국", ["한국", "한국"]),
    (r"\bไทย\b", "ประเทศไทยแลนด์", ["ไทย"]),
    (r"\bน\b", "น้ำ นา", ["น"]),
    # signs, emoji and the underscore
    (r"\bx\b", "x_x _x_ x1 1x x-x", ["x", "x", "x", "x", "x"]),
    (r"\b_\b", "a_b _ a__b", ["_"]),
    (r"\bAsterX\b", "AsterX🚀 🚀AsterX #AsterX AsterX’s AsterX24", ["AsterX"] * 4),
    (r"🚀\b", "🚀a 🚀 🚀🚀b", ["🚀", "🚀"]),
    (r"\b🚀", "🚀a🚀 🚀", ["🚀"]),
    (r"\b\d+\b", "24 24h ２４ ٣٤ x24", ["24", "２４", "٣٤"]),
    # what folding drops is no end of a word, and hides none
    (r"\bco\b", "co\u00adop co\u00ad op", ["co"]),
    (r"\bAsterX\b", "AsterX\u200b, \ufeffAsterX AsterX\u200bY", ["AsterX", "AsterX"]),
    (r"\x{AD}\bop", "co\u00adop co\u00ad op \u00adop", ["\u00adop"]),
    # no end of a word
    (r"\Bapfel\B", "apfel bratapfelbaum bratapfel", ["apfel"]),
    (r"\Bäpfel", "äpfel bratäpfel", ["äpfel"]),
    (r"\B-\B", "a-b a - b", ["-"]),
    (r"宇\B宙", "宇宙", []),
    # several at one place, repeated, optional
    (r"\b\b\b\b\bä\b\b\b\b\b", "ä aä", ["ä"]),
    (r"(?:\b){9}ä(?:\b)*", "ä", ["ä"]),
    (r"(?:\b|x)ä", "xä ä yä", ["xä", "ä"]),
    (r"ä(?:\b|\B)b?", "äb ä", ["äb", "ä"]),
    (r"\b\Bä|ö", "ä ö", ["ö"]),
    (r"(?:\bä\w*\W*)+", "ärzte, ämter baut ähren", ["ärzte, ämter ", "ähren"]),
    # with lines
    (r"(?m)^\bä\w*\b$", "ärzte\nä b\näpfel", ["ärzte", "äpfel"]),
    (r"(?m)\bä$\n^\bö", "ä\nö", ["ä\nö"]),
    (r"\Aä\b", "ä\nä", ["ä"]),
    (r"\bä\z", "ä\nä", ["ä"]),
    (r"(?m)\A^ä$", "ä\nä", ["ä"]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "expected"), WORDS)
def test_words_end_where_the_watch_language_says(pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text) == expected


@dataclass(frozen=True)
class Drawn:
    """A pattern for us, the same for the oracle, and whether it can match nothing."""

    ours: str
    plainly: str
    empty: bool


ALPHABET = [*"ab_ -\n1éか日本กµ🚀", "\u0301", "\u3099", "\u00ad", "\u200b", "\ud800"]


def chars(written: str, is_wanted: Callable[[str], bool]) -> Drawn:
    return Drawn(written, regex_oracle.one_of([char for char in ALPHABET if is_wanted(char)]), empty=False)


def is_digit(char: str) -> bool:
    return unicodedata.category(char) == "Nd"


def is_space(char: str) -> bool:
    # Python also counts four separators of files
    return char.isspace() and not "\x1c" <= char <= "\x1f"


ATOMS = [
    *(chars(char, char.__eq__) for char in ALPHABET),
    chars(r"\w", regex_oracle.is_word_character),
    chars(r"\W", lambda char: not regex_oracle.is_word_character(char)),
    chars(r"[\w-]", lambda char: regex_oracle.is_word_character(char) or char == "-"),
    chars(r"[^\W_]", lambda char: regex_oracle.is_word_character(char) and char != "_"),
    chars(r"\d", is_digit),
    chars(r"\D", lambda char: not is_digit(char)),
    chars(r"\s", is_space),
    chars(r"\S", lambda char: not is_space(char)),
    chars(".", lambda char: char != "\n"),
    chars("(?s:.)", lambda char: True),
    chars("[^aé]", lambda char: char not in "aé"),
    chars("[か-本]", lambda char: "か" <= char <= "本"),
    chars(r"\p{M}", regex_oracle.is_mark),
    chars("(?i:B)", "b".__eq__),
]
PLACES = [Drawn(ours, plainly, empty=True) for ours, plainly in regex_oracle.PLACES.items()]
OFTEN = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"]


def in_a_row(parts: list[Drawn]) -> Drawn:
    return Drawn(
        "".join(part.ours for part in parts),
        "".join(part.plainly for part in parts),
        all(part.empty for part in parts),
    )


def either(parts: list[Drawn]) -> Drawn:
    return Drawn(
        f"(?:{'|'.join(part.ours for part in parts)})",
        f"(?:{'|'.join(part.plainly for part in parts)})",
        any(part.empty for part in parts),
    )


def repeated(part: Drawn, sign: str) -> Drawn:
    # engines differ in how often nothing can be repeated
    if part.empty:
        return part
    can_be_left_out = sign[0] in "*?" or sign.startswith("{0")
    return Drawn(f"(?:{part.ours}){sign}", f"(?:{part.plainly}){sign}", can_be_left_out)


drawn = st.recursive(
    st.one_of(st.sampled_from(ATOMS), st.sampled_from(PLACES), st.sampled_from(PLACES[:2])),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map(in_a_row),
        st.lists(inner, min_size=2, max_size=3).map(either),
        st.builds(repeated, inner, st.sampled_from(OFTEN)),
    ),
    max_leaves=10,
)


@settings(max_examples=500, deadline=None)
@given(drawn, st.lists(st.sampled_from(ALPHABET), max_size=10).map("".join))
def test_words_lines_and_classes_are_those_of_the_plain_oracle(pattern: Drawn, text: str) -> None:
    """Patterns drawn from a small grammar, on texts of few characters, so that they meet often."""
    ours = tried(pattern.ours)
    if isinstance(ours, RegexRefused):
        assert pattern.empty
        assert "empty text" in ours.message
        return
    assert ours.find(text) == regex_oracle.find(pattern.plainly, text)


# --- classes ---

CLASSES = [
    (r"\w+", "naïve Ωmega_1 日本 हिन्दी né\u0301", ["naïve", "Ωmega_1", "日本", "हिन्दी", "né\u0301"]),
    (r"\W+", "ä-ö – ü", ["-", " – "]),
    (r"[^\w\s]+", "ä, «ö» 🚀", [",", "«", "»", "🚀"]),
    (r"\d+", "1 ٢ ３ Ⅳ ½", ["1", "٢", "３"]),
    (r"a\sb", "a\u00a0b a\u3000b a\u2028b a\u200bb a b", ["a\u00a0b", "a\u3000b", "a\u2028b", "a b"]),
    (r"[\S]+", "a\u00a0b", ["a", "b"]),
    (r"\p{Greek}+", "abc αβγ", ["αβγ"]),
    (r"\p{Han}{2}", "東京とCSpO", ["東京"]),
    (r"\p{Lu}\p{Ll}+", "Ärzte ärzte Эхо", ["Ärzte", "Эхо"]),
    (r"\pN", "a1½", ["1", "½"]),
    (r"\P{L}", "a1", ["1"]),
    (r"\p{^L}", "a1", ["1"]),
    (r"[\P{L}a]", "ab1", ["a", "1"]),
    (r"\p{Cs}", "a\ud800\U00010000", ["\ud800"]),
    (r"[[:upper:]]{2,}", "ÖVP FPÖ Spö", ["ÖVP", "FPÖ"]),
    (r"[[:^alpha:]]+", "ä1ö", ["1"]),
    (r"[[:punct:]]", "a§$«-", ["§", "$", "«", "-"]),
    (r"[[:xdigit:]]+", "xAf0é", ["Af0"]),
    (r"(?i)STRASSE", "Strasse Straße", ["Strasse"]),
    (r"(?i)straẞe", "straße", ["straße"]),
    (r"(?i)σας", "ΣΑΣ σας", ["ΣΑΣ", "σας"]),
    (r"(?i)k", "\u212a", ["\u212a"]),
    (r"(?i)[a-c]+", "aBÇC", ["aB", "C"]),
    (r"(?i)[^a]", "aAb", ["b"]),
    (r"(?i)\P{Lu}", "aA1", ["1"]),
    (r"(?i)[[:^upper:]]", "aA1", ["1"]),
    (r"(?i)ä(?-i)ö|(?:(?i)ü)Ü", "Äö ÄÖ üÜ Üü", ["Äö", "üÜ"]),
    ("/usr/", "in /usr/bin", ["/usr/"]),
    (r"\/", "a/b", ["/"]),
    (r"\Qa.b*\E+", "a.b** a.b", ["a.b**"]),
    (r"\Qa+", "aa+", ["a+"]),
    (r"\x{1F680}|\xe9|\101", "🚀éA", ["🚀", "é", "A"]),
    ("(?U)a+", "aaa", ["a", "a", "a"]),
    ("(?U)a+?", "aaa", ["aaa"]),
    ("a{02}", "aaa", ["aa"]),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "text", "expected"), CLASSES)
def test_classes_hold_all_of_unicode(pattern: str, text: str, expected: list[str]) -> None:
    assert found(pattern, text) == expected


@pytest.mark.parametrize(
    ("letter", "is_wanted"), [("w", regex_oracle.is_word_character), ("d", is_digit), ("s", is_space)]
)
def test_the_short_classes_hold_what_unicode_says(letter: str, is_wanted: Callable[[str], bool]) -> None:
    """Of every character that this Python's tables know."""
    known = [char for char in map(chr, range(END)) if unicodedata.category(char) != "Cn"]
    assert not [hex(ord(char)) for char in known if holds(in_perl(letter), ord(char)) != is_wanted(char)]


def test_every_posix_class_is_there() -> None:
    assert all(in_posix(name) for name in POSIX_NAMES)
    assert in_posix("letters") is None


SIGNS = [chr(0x4E00 + 3 * number) for number in range(300)]


@pytest.mark.parametrize("pattern", [r"{}", r"\b(?:{})\b", r"(?m)(?:^|\b)(?:{})"])
def test_a_pattern_tells_more_characters_apart_than_fit_in_a_byte(pattern: str) -> None:
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 3 * len(SIGNS))))
    assert found(pattern.format("|".join(SIGNS)), text) == SIGNS


@pytest.mark.parametrize("end", ["", r"\b"])
def test_classes_of_very_many_characters_hold_just_those(end: str) -> None:
    """Every second one in one class, all but those in another, anything in a third."""
    pattern = rf"[{''.join(SIGNS[::2])}][^{''.join(SIGNS[::2])}].(?:{'|'.join(SIGNS[1:200:2])}){end}"
    first, second, third, fourth = SIGNS[0], SIGNS[1], SIGNS[2], SIGNS[3]
    assert found(pattern, first + second + third + fourth) == [first + second + third + fourth]
    assert found(pattern, first + "x\ud800" + second) == [first + "x\ud800" + second]
    assert found(pattern, second + second + third + fourth) == []
    assert found(pattern, first + third + third + fourth) == []
    assert found(pattern, first + second + third + third) == []


# --- what is found ---


def test_places_are_told_in_characters_whatever_stands_before() -> None:
    text = "é日🚀\ud800\U0010ffff CSpO"
    assert Pattern("CSpO").find(text) == Pattern(r"\bCSpO\b").find(text) == [(6, 10)]


def test_places_never_overlap_and_the_first_reading_wins() -> None:
    assert Pattern("a|ab").find("abab") == [(0, 1), (2, 3)]
    assert Pattern("ab|a").find("abab") == [(0, 2), (2, 4)]
    assert Pattern("aba").find("ababa") == [(0, 3)]


def test_an_empty_match_is_no_match() -> None:
    assert Pattern("a*").find("baab") == [(1, 3)]
    assert not Pattern("a*").is_in("bbb")
    assert Pattern(r"\b(?:CSpO)?\b").find("the CSpO") == [(4, 8)]
    assert Pattern("x*").find("") == []


def test_as_many_places_are_told_as_are_asked_for() -> None:
    assert Pattern("a").find("a" * 5, most=2) == [(0, 1), (1, 2)]
    assert len(Pattern("a").find("a" * 2_000)) == 1_000
    assert Pattern("a").find("a", most=0) == []


def test_nothing_is_in_an_empty_text() -> None:
    assert not Pattern("a").is_in("")
    assert not Pattern(r"\ba?\b").is_in("")


@settings(max_examples=200, deadline=None)
@given(any_text, any_text)
def test_a_quoted_text_is_found_where_it_stands(sought: str, text: str) -> None:
    """Line ends, NUL, lone surrogates and all; ``\\E`` is the one thing that cannot be quoted."""
    sought = sought.replace("\\", "") or "x"
    text = text + sought + text
    places = Pattern(rf"\Q{sought}\E").find(text)
    first = text.find(sought)
    assert places[0] == (first, first + len(sought))
    assert all(text[start:end] == sought for start, end in places)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([r"\w+", r"\b\w", r"(?m)^.|\b.$", r"\B.\B", r"(?i)s*\b", r"[^a]{2}", "日|x"]), any_text
)
def test_places_lie_within_the_text(pattern: str, text: str) -> None:
    ends = [0]
    for start, end in compiled(pattern).find(text):
        assert ends[-1] <= start < end <= len(text)
        ends.append(end)
    assert compiled(pattern).is_in(text) == (len(ends) > 1)


def test_a_pattern_is_compiled_once() -> None:
    assert compiled(r"\bCSpO\b") is compiled(r"\bCSpO\b")
    assert compiled("x").pattern == "x"


# --- what is refused ---

REFUSED = [
    ("", 0, 1, "empty", "re:/CSp[Oo]/"),
    ("x" * 1_005, 1_000, 5, "longer than 1,000 characters", "OR"),
    ("ab(?=c)", 2, 3, "look-ahead", "NEAR"),
    ("ab(?!c)", 2, 3, "look-ahead", "NOT NEAR"),
    ("(?<=a)b", 0, 4, "look-behind", "ONEAR"),
    ("(?<!a)b", 0, 4, "look-behind", "NOT NEAR"),
    (r"(a)\1", 3, 2, "back-reference", "write out"),
    (r"(?P<a>x)(?P=a)", 8, 4, "back-reference", "write out"),
    (r"(a)\g1", 3, 2, "back-reference", "write out"),
    (r"\8", 0, 2, "back-reference", "write out"),
    ("(?>a)", 0, 3, "atomic", "(?:"),
    ("ab++", 3, 1, "possessive repetitions (++)", "+"),
    ("a{2}+", 4, 1, "possessive repetitions ({2}+)", "+"),
    ("a**", 1, 2, "a repetition of a repetition (**)", "(?:…*)*"),
    ("a{2}{3}", 1, 6, "a repetition of a repetition ({2}{3})", "(?:…{2}){3}"),
    ("*a", 0, 1, "nothing stands before *", r"\*"),
    ("a|+", 2, 1, "nothing stands before +", r"\+"),
    ("({2})", 1, 3, "nothing stands before {2}", r"\{2}"),
    ("a(?i)?", 5, 1, "nothing stands before ?", r"\?"),
    ("a{,3}", 1, 4, "no lower count", "{0,3}"),
    ("a{1001}", 1, 6, "1,000 at most", "+ or *"),
    ("a{3,1}", 1, 5, "above the upper", "{1,3}"),
    ("(a{100}){100}", 8, 5, "multiply to 10,000", "lower"),
    ("a{1000}{1000}", 1, 12, "a repetition of a repetition", "(?:…{1000}){1000}"),
    ("(a{1000})b{1000}", 0, 16, "come to 2,000 characters", "lower"),
    ("x(ab", 1, 1, "never closed", ")"),
    ("ab)c", 2, 1, "no bracket ( is open", r"\)"),
    ("x[ab", 1, 1, "never closed", "]"),
    ("[]", 0, 1, "never closed", r"[\]]"),
    (r"a[^\s\S]", 1, 7, "no character at all", ""),
    ("[z-a]", 1, 3, "runs backwards", "a-z"),
    (r"[\x{7A}-a]", 1, 8, "runs backwards", ""),
    (r"[a-\d]", 1, 4, "cannot end with a class", "first or last"),
    ("[[:alphabet:]]", 1, 12, "no class [:alphabet:]", "[:alpha:]"),
    ("[[:q:]]", 1, 5, "no class [:q:]", "alnum"),
    ("ab\\", 2, 1, "ends with a backslash", r"\\"),
    (r"a\q", 1, 2, r"\q means nothing", r"\\q"),
    (r"a\é", 1, 2, r"\é means nothing", "write é"),
    (r"a\Z", 1, 2, r"\Z means nothing", r"\z"),
    (r"[\b]", 1, 2, r"\b means nothing", "place"),
    (r"\C", 0, 2, r"\C means nothing", "."),
    (r"\E", 0, 2, r"\E means nothing", r"\Q"),
    (r"\u00e4", 0, 6, r"\u is not known", r"\x{00e4}"),
    (r"\u{1f680}", 0, 9, r"\u is not known", r"\x{1f680}"),
    (r"a\xg", 1, 2, r"\x without its digits", r"\xE4"),
    (r"\x{110000}", 0, 10, "no such character", "10FFFF"),
    (r"\p{Foo}", 0, 7, r"no class \p{Foo}", r"\p{L}"),
    (r"\p{greek}", 0, 9, r"no class \p{greek}", r"\p{Greek}"),
    (r"\p{Script=Han}", 0, 14, "no class", r"\p{Han}"),
    (r"[\p{Uppercase_Letter}]", 1, 20, "no class", r"\p{Lu}"),
    (r"\p{L", 0, 2, r"\p without a class", r"\p{L}"),
    ("(?x)a b", 2, 1, "(?x) is not known", "spaces"),
    ("(?i-q)a", 4, 1, "(?q) is not known", "ignores case"),
    ("(?i-)a", 0, 2, "begins nothing", "(?:"),
    ("a(?", 1, 2, "begins nothing", "(?:"),
    ("(?P<a-b>x)", 0, 3, "name", "(?P<name>"),
    ("(?'a'x)", 0, 3, "not supported", "(?P<name>"),
    ("(?#a)x", 0, 3, "comments", "leave"),
    ("^", 0, 1, "only match the empty text", "places"),
    (r"\b(?:$|)*", 0, 9, "only match the empty text", "places"),
    ("a{0}", 0, 4, "only match the empty text", "places"),
    (r"\Q\E", 0, 4, "only match the empty text", "places"),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "at", "width", "message", "hint"), REFUSED)
def test_a_refusal_says_what_is_wrong_where_and_what_to_write(
    pattern: str, at: int, width: int, message: str, hint: str
) -> None:
    with pytest.raises(RegexRefused) as caught:
        compiled(pattern)
    refused = caught.value
    assert (refused.at, refused.width) == (at, width)
    assert message in refused.message
    assert hint in refused.hint
    assert not refused.message.endswith(".")


NOISE = [
    *"ab é日🚀\n0129,:-<>=!'#&|^$.*+?()[]{}\\/PpQEbBwdsxuimUL",
    "(?",
    "(?:",
    "(?i)",
    "[[:",
    ":]",
    r"\p{",
    r"\x{",
    "\ud800",
]


@settings(max_examples=500, deadline=None)
@given(st.lists(st.sampled_from(NOISE), max_size=30).map("".join), any_text)
def test_any_text_is_a_pattern_or_refused_with_a_place_in_it(pattern: str, text: str) -> None:
    ours = tried(pattern)
    if isinstance(ours, RegexRefused):
        assert ours.message
        assert 0 <= ours.at < max(len(pattern), 1)
        assert 1 <= ours.width <= max(len(pattern), 1) - ours.at
        return
    for start, end in ours.find(text):
        assert 0 <= start < end <= len(text)


def test_the_longest_and_deepest_patterns_are_read() -> None:
    half = MOST_CHARACTERS // 2 - 1
    assert found("(" * half + "ab" + ")" * half, "xab") == ["ab"]
    assert found("[^a]" * 250, "b" * 250) == ["b" * 250]
    assert found("(?i)" * 249 + "a", "A") == ["A"]
    assert Pattern(f"a{{{1_000}}}").is_in("a" * 1_000)
    assert not Pattern(rf"\ba{{{1_000}}}\b").is_in("a" * 1_001)


def test_what_the_engine_has_no_room_for_is_refused() -> None:
    with pytest.raises(RegexRefused, match="too large for the engine") as caught:
        _engine("a{1000}" * 1_500, "as it was written")
    assert (caught.value.at, caught.value.width) == (0, 17)
    told = alphabet([one(chr(point)) for point in range(5_000)])
    with pytest.raises(RegexRefused, match="too large for the engine"):
        _bytes_of(told, "as it was written")


# --- time ---

EVIL = [
    "(a+)+$", "(x+x+)+y", "(a|a)*b", "(a|aa)+$", "(?i)(?:a|aa)+$", "([a-zA-Z]+)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*a){20}$",
    "(a?){200}a{200}$", "(?s).*.*.*=.*", r"(\w+\s?)+\.", r"\b(\w+\b\W*)+#", r"(?:\b\w*)*☃", "(a*)*b", "a*?b", "(?:a{0,9}){0,9}b",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EVIL)
def test_evil_patterns_stay_linear(pattern: str) -> None:
    """Texts on which an engine that goes back would not end within the age of the universe."""
    for text in ("a" * 200_000 + "!", "x" * 200_000, "ab " * 66_000):
        places = Pattern(pattern).find(text)
        assert all(0 <= start < end <= len(text) for start, end in places)


def test_a_long_text_of_many_words_is_searched_to_its_end() -> None:
    text = "die Übung “AsterX” – 日本 " * 10_000 + "Schluß"
    assert Pattern(r"\bSchluß\b").find(text) == [(len(text) - 6, len(text))]
    assert len(Pattern(r"\b\w+\b").find(text, most=100_000)) == 40_001
