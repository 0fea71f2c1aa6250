"""How a file of the configuration is laid out: where its nodes stand in the text, blank lines, line ends."""

import re

from bot.config.faults import Document
from bot.config.yaml_nodes import Node, Scalar, Sequence

#: Source: YAML 1.2.2 §9.1.4, the end of a document.
_DOCUMENT_END = re.compile(r"^\.\.\.(?=\s|\Z)", re.MULTILINE)
_FLOW = re.compile(r"(?:[&!]\S*\s+)*[{\[]")
_NOTHING = re.compile(r"\{\s*\}|\[\s*\]|~|[nN]ull|NULL")
_LINE_END = re.compile(r"\r\n|\n|\r")
#: characters at the end of a file that are looked at for a blank line
_TAIL = 1_000


def parted(text: str) -> tuple[str, str]:
    """Return a text up to where its document ends, and the rest."""
    end = found.start() if (found := _DOCUMENT_END.search(text)) else len(text)
    return text[:end], text[end:]


def line_end_of(text: str) -> str:
    """Return the line end that a text has, the usual one where it has none."""
    return found[0] if (found := _LINE_END.search(text)) else "\n"


def start_of(text: str, node: Node) -> int:
    """Return where a node begins in the text."""
    return Document.offset_of(text, node.place.line, node.place.column)


def end_of(text: str, node: Node) -> int:
    """Return where a node ends in the text: behind its last character, whatever follows on that line.

    A block of lines ends behind what stands last in it; the parser says that it ends where the next begins.
    """
    while not isinstance(node, Scalar) and not is_flow(text, node):
        inner = node.items if isinstance(node, Sequence) else [value for _, value in node.pairs]
        if not inner:
            break
        node = inner[-1]
    end = Document.offset_of(text, node.place.end_line, node.place.end_column)
    return start_of(text, node) + len(text[start_of(text, node) : end].rstrip())


def is_flow(text: str, node: Node) -> bool:
    """Tell whether a list or a mapping stands in brackets or braces."""
    return not isinstance(node, Scalar) and _FLOW.match(text, start_of(text, node)) is not None


def without(text: str, node: Node) -> str:
    """Return the text without a ``{}``, ``[]`` or ``~`` for nothing; as it is where there is more."""
    start = start_of(text, node)
    end = Document.offset_of(text, node.place.end_line, node.place.end_column)
    return text[:start].rstrip(" ") + text[end:] if _NOTHING.fullmatch(text[start:end]) else text


def ends_blank(text: str) -> bool:
    """Tell whether a text ends in a blank line."""
    return re.sub(r"[ \t]", "", text[-_TAIL:]).endswith(("\n\n", "\n\r\n", "\r\r"))


def has_blank_above(lines: tuple[str, ...], line: int) -> bool:
    """Tell whether a blank line stands above a line and the comments that belong to it."""
    above = line - 1
    while above >= 0 and lines[above].lstrip().startswith("#"):
        above -= 1
    return above >= 0 and not lines[above].strip()


def line_start(text: str, at: int) -> int:
    """Return where the line of a character begins."""
    return max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1


def line_end(text: str, at: int) -> int:
    """Return where the line of a character ends, its line end included."""
    found = _LINE_END.search(text, at)
    return found.end() if found else len(text)
