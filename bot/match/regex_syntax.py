r"""The language of regular expressions: from what an analyst writes to characters, places and repetitions.

It is RE2's language, read by ourselves for three reasons: refusals that say what is wrong, where, and what
to write instead; ``\w``, ``\d`` and ``\s`` in all of Unicode; and ``\b``, which RE2 only knows for ASCII.
What is read here is written for the engine by ``bot.match.regex``. Pure.

Source: RE2, doc/syntax.txt; every form that it accepts is accepted, but for ``\C``, ``{,n}``, and a
repetition that stands behind flags alone.
"""

import re
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from bot.match.regex_classes import RegexRefused, bracketed, escaped
from bot.match.regex_sets import EVERY, Chars, any_case, one, others

#: characters of a pattern
MOST_CHARACTERS: Final = 1_000
#: a repetition's count, and what counts inside each other multiply to. Source: RE2
MOST_REPEATS: Final = 1_000
#: characters of a pattern once its counted repetitions are written out. Source: measured, the slowest search
#: costs up to 20 µs a character of the text then
MOST_UNFOLDED: Final = 1_200

#: a part of a pattern: one character of a set, or syntax that is the same for the engine
Part: TypeAlias = Chars | str

_COUNT: Final = re.compile(r"\{([0-9]+)(,([0-9]*))?\}")
_UPPER_COUNT_ONLY: Final = re.compile(r"\{,([0-9]+)\}")
_FLAGS: Final = re.compile(r"\(\?([A-Za-z]*)(-[A-Za-z]*)?([:)])")
_NAME: Final = re.compile(r"\(\?P?<(\w+)>")
#: what other engines have and a linear-time engine cannot have, or does not
_FOREIGN: Final = (
    ("(?=", "look-ahead (?=…) is not supported", "leave it out, or use NEAR or ONEAR of the watch language"),
    ("(?!", "look-ahead (?!…) is not supported", "leave it out, or use NOT NEAR of the watch language"),
    ("(?<=", "look-behind (?<=…) is not supported", "leave it out, or use ONEAR of the watch language"),
    ("(?<!", "look-behind (?<!…) is not supported", "leave it out, or use NOT NEAR of the watch language"),
    ("(?>", "atomic groups (?>…) are not supported", "write (?:…); this engine never goes back"),
    ("(?P=", "back-references (?P=…) are not supported", "write out what may be repeated"),
    ("(?P>", "recursion (?P>…) is not supported", "write the group out where it is needed"),
    ("(?&", "recursion (?&…) is not supported", "write the group out where it is needed"),
    ("(?R", "recursion (?R) is not supported", "write the pattern out where it is needed"),
    ("(?#", "comments (?#…) are not supported", "leave the comment out"),
    ("(?|", "(?|…) is not supported", "write (?:…|…)"),
    ("(?(", "conditions (?(…)…) are not supported", "write both cases with |"),
    ("(?'", "(?'name'…) is not supported", "write (?P<name>…) or (?:…)"),
)
#: edges of lines, and of the whole text
_EDGES: Final = {"^": ("(?m:^)", r"\A"), "$": ("(?m:$)", r"\z")}
_KNOWN_FLAGS: Final = "i ignores case, s lets . match line ends, m lets ^ and $ match at lines"
_FLAG_HINTS: Final = {
    "x": "spaces and line ends count in a pattern; write it without them",
    "a": "letters of every script count as letters",
    "u": "letters of every script count as letters anyway",
    "L": "letters of every script count as letters anyway",
    "g": "all places are found anyway",
}


@dataclass(frozen=True, slots=True)
class Syntax:
    """A pattern that is read."""

    #: in the order in which they are written
    parts: tuple[Part, ...]
    #: whether ends of words or of lines are asked for
    places: bool


@dataclass(slots=True)
class _Content:
    """What the parts of a group come to."""

    #: whether it can match a character
    consumes: bool = False
    #: characters and places in it, once its counted repetitions are written out
    size: int = 0
    #: what counts inside each other multiply to
    repeats: int = 1

    def add(self, inner: "_Content") -> None:
        """Put another part behind it, or beside it: both come to the same."""
        self.consumes |= inner.consumes
        self.size += inner.size
        self.repeats = max(self.repeats, inner.repeats)


@dataclass(frozen=True, slots=True)
class _Group:
    """A group that is open, or the whole pattern."""

    at: int
    #: flags that return when it is closed
    flags: frozenset[str]
    content: _Content = field(default_factory=_Content)


def read(pattern: str) -> Syntax:
    """Read a pattern.

    Raises RegexRefused with the place it stumbled over and what to write instead.
    """
    if not pattern:
        hint = "write what to look for: re:/CSp[Oo]/"
        raise RegexRefused("the regular expression is empty", at=0, hint=hint)
    if len(pattern) > MOST_CHARACTERS:
        raise RegexRefused(
            f"the regular expression is longer than {MOST_CHARACTERS:,} characters",
            at=MOST_CHARACTERS,
            width=len(pattern) - MOST_CHARACTERS,
            hint="write several re:/…/ with OR",
        )
    return _Reader(pattern).read()


@dataclass(slots=True)
class _Reader:
    """Reads a pattern from left to right, once."""

    pattern: str
    at: int = 0
    flags: frozenset[str] = frozenset()
    parts: list[Part] = field(default_factory=list)
    groups: list[_Group] = field(default_factory=list)
    #: where the last repetition begins and ends
    repeated: tuple[int, int] = (0, 0)
    places: bool = False

    def read(self) -> Syntax:
        self.groups.append(_Group(0, self.flags))
        while self.at < len(self.pattern):
            self._step(self.pattern[self.at])
        whole = self.groups[0].content
        if len(self.groups) > 1:
            hint = r"close it with ), or write \( for the bracket itself"
            raise RegexRefused("the bracket ( is never closed", at=self.groups[-1].at, hint=hint)
        width = len(self.pattern)
        if not whole.consumes:
            hint = "write what to look for beside the places"
            raise RegexRefused("this can only match the empty text", at=0, width=width, hint=hint)
        if whole.size > MOST_UNFOLDED:
            raise RegexRefused(
                f"too large: its repetitions come to {whole.size:,} characters; at most {MOST_UNFOLDED:,}",
                at=0,
                width=width,
                hint="lower the counts in braces, or use * and +",
            )
        return Syntax(tuple(self.parts), self.places)

    def _step(self, char: str) -> None:
        """Read what begins at this character."""
        if char == "(":
            self._open()
        elif char == ")":
            self._close()
        elif char == "|":
            self.parts.append("|")
            self.at += 1
        elif char in "*+?":
            raise self._nothing_to_repeat(1)
        elif char == "{":
            self._brace()
        elif char in "^$":
            self._place(char)
        elif char == ".":
            self._chars(EVERY if "s" in self.flags else others(one("\n")), 1)
        elif char == "[":
            chars, width = bracketed(self.pattern, self.at, folds="i" in self.flags)
            self._chars(chars, width)
        elif char == "\\":
            self._escape()
        else:
            self._chars(one(char), 1)

    def _brace(self) -> None:
        if count := _COUNT.match(self.pattern, self.at):
            raise self._nothing_to_repeat(len(count[0]))
        self._chars(one("{"), 1)

    def _nothing_to_repeat(self, width: int) -> RegexRefused:
        sign = self.pattern[self.at : self.at + width]
        begin, end = self.repeated
        if end != self.at or not end:
            hint = rf"put a character or a group before it, or write \{sign} for the character itself"
            message = f"nothing stands before {sign} that it could repeat"
            return RegexRefused(message, at=self.at, width=width, hint=hint)
        both = self.pattern[begin:end] + sign
        if sign == "+":
            message = f"possessive repetitions ({both}) are not supported"
            return RegexRefused(message, at=self.at, hint="leave the + out; this engine never goes back")
        message = f"a repetition of a repetition ({both})"
        hint = f"keep one of the two, or write (?:…{both[:-width]}){sign}"
        return RegexRefused(message, at=begin, width=len(both), hint=hint)

    def _chars(self, chars: Chars, width: int) -> None:
        """Read one character of a set, and how often it comes."""
        self._take(chars)
        self.at += width
        self._repeated(_Content(consumes=True, size=1))

    def _take(self, chars: Chars) -> None:
        self.parts.append(any_case(chars) if "i" in self.flags else chars)

    def _place(self, written: str) -> None:
        """Take a place between characters."""
        if written in "^$":
            of_lines, of_text = _EDGES[written]
            place = of_lines if "m" in self.flags else of_text
        else:
            place = written
        self.places |= place not in (r"\A", r"\z")
        self.parts.append(f"(?:{place})")
        self.at += len(written)
        self._repeated(_Content(size=1))

    def _escape(self) -> None:
        written = self.pattern[self.at : self.at + 2]
        if written in (r"\b", r"\B", r"\A", r"\z"):
            self._place(written)
        elif written == r"\Q":
            self._quoted()
        else:
            chars, width = escaped(self.pattern, self.at, folds="i" in self.flags)
            self._chars(chars, width)

    def _quoted(self) -> None:
        r"""Take what stands between ``\Q`` and ``\E`` as it is; a repetition is of the last of it."""
        end = self.pattern.find(r"\E", self.at)
        quoted = self.pattern[self.at + 2 : end if end >= 0 else None]
        self.at += len(quoted) + (2 if end < 0 else 4)
        for char in quoted[:-1]:
            self._take(one(char))
            self.groups[-1].content.add(_Content(consumes=True, size=1))
        if quoted:
            self._take(one(quoted[-1]))
            self._repeated(_Content(consumes=True, size=1))

    def _open(self) -> None:
        pattern, at = self.pattern, self.at
        if not pattern.startswith("(?", at):
            self._push(1, self.flags)
            return
        if name := _NAME.match(pattern, at):
            self._push(len(name[0]), self.flags)
            return
        for sign, message, hint in _FOREIGN:
            if pattern.startswith(sign, at):
                raise RegexRefused(message, at=at, width=len(sign), hint=hint)
        if pattern.startswith(("(?<", "(?P"), at):
            hint = "write (?P<name>…) with letters, digits and _, or (?:…)"
            raise RegexRefused("this group's name cannot be read", at=at, width=3, hint=hint)
        found = _FLAGS.match(pattern, at)
        if found is None or found[2] == "-":
            hint = r"write (?:…) for a group, (?i) to ignore case, or \? for a question mark"
            raise RegexRefused("(? begins nothing that is known", at=at, width=2, hint=hint)
        self._set_flags(found)

    def _set_flags(self, found: re.Match[str]) -> None:
        for place in range(found.start(1), found.start(3)):
            flag = self.pattern[place]
            if flag not in "imsU-":
                hint = _FLAG_HINTS.get(flag, _KNOWN_FLAGS)
                raise RegexRefused(f"(?{flag}) is not known", at=place, hint=hint)
        flags = (self.flags | {*found[1]}) - {*(found[2] or "")}
        if found[3] == ":":
            self._push(len(found[0]), flags)
        else:
            self.flags = flags
            self.at = found.end()

    def _push(self, width: int, flags: frozenset[str]) -> None:
        self.groups.append(_Group(self.at, self.flags))
        self.flags = flags
        self.parts.append("(?:")
        self.at += width

    def _close(self) -> None:
        if len(self.groups) == 1:
            hint = r"write \) for the bracket itself"
            raise RegexRefused("no bracket ( is open here", at=self.at, hint=hint)
        group = self.groups.pop()
        self.flags = group.flags
        self.parts.append(")")
        self.at += 1
        self._repeated(group.content)

    def _repeated(self, content: _Content) -> None:
        """Read the repetition behind a part, if there is one, and add the part to its group."""
        begin = self.at
        if wrong := _UPPER_COUNT_ONLY.match(self.pattern, begin):
            hint = rf"write {{0,{wrong[1]}}}, or \{{ for the brace itself"
            raise RegexRefused(f"{wrong[0]} has no lower count", at=begin, width=len(wrong[0]), hint=hint)
        if self.pattern.startswith(("*", "+", "?"), begin):
            sign = self.pattern[begin]
            self.at += 1
        elif count := _COUNT.match(self.pattern, begin):
            sign = self._count(count, content)
            self.at += len(count[0])
        else:
            self.groups[-1].content.add(content)
            return
        lazy = self.pattern.startswith("?", self.at)
        self.at += lazy
        self.parts.append(sign + "?" * (lazy != ("U" in self.flags)))
        self.repeated = (begin, self.at)
        self.groups[-1].content.add(content)

    def _count(self, count: re.Match[str], content: _Content) -> str:
        """Repeat a part as often as the count says; returns the count as the engine is told it."""
        low, width = int(count[1]), len(count[0])
        most = int(count[3]) if count[3] else low
        is_open = count[2] == ","
        if max(low, most) > MOST_REPEATS:
            hint = "use + or * where the number does not matter"
            message = f"a repetition counts to {MOST_REPEATS:,} at most"
            raise RegexRefused(message, at=count.start(), width=width, hint=hint)
        if most < low:
            hint = f"write {{{most},{low}}}"
            raise RegexRefused("the lower count is above the upper", at=count.start(), width=width, hint=hint)
        content.repeats *= max(most, 1)
        if content.repeats > MOST_REPEATS:
            message = f"counts inside each other multiply to {content.repeats:,}; at most {MOST_REPEATS:,}"
            hint = "lower one of them, or use + or *"
            raise RegexRefused(message, at=count.start(), width=width, hint=hint)
        content.consumes &= most > 0 or is_open
        content.size *= most + is_open
        return f"{{{low},}}" if is_open else f"{{{low},{most}}}"
