"""Ways in which feeds are damaged on their way to us; each loses nothing that a careful reader could not see.

``DAMAGE`` maps what was done to a function of a feed's text; it answers the damaged bytes, or None where the
feed has nothing that could be damaged so. ``JSON_DAMAGE`` holds those that suit JSON.
"""

import gzip
import re
import zlib
from collections.abc import Callable

Damage = Callable[[str], bytes | None]


def _swap(pattern: str, put: str, count: int = 0, flags: int = 0) -> Damage:
    """Damage every place (or the first ``count``) where a pattern stands."""

    def damage(text: str) -> bytes | None:
        done = re.sub(pattern, put, text, count=count, flags=flags)
        return None if done == text else done.encode("utf-8", "surrogatepass")

    return damage


def _around(before: str, after: str = "") -> Damage:
    return lambda text: f"{before}{text}{after}".encode()


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cased(change: Callable[[str], str]) -> Damage:
    return lambda text: re.sub(
        r"(</?)([A-Za-z][\w:]*)", lambda found: found[1] + change(found[2]), text
    ).encode()


def _bare_deflate(text: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(text.encode()) + packer.flush()


_PHP = "<br />\n<b>Warning</b>: session_start() in <b>/srv/x.php</b> on line <b>3</b><br />\n"
_ANY = r"<(item|entry)>"
_TEXT = r"(<(?:description|summary)>)(?!<!\[)"
_DECLARATION = r"\A<\?xml[^>]*\?>"

#: What suits any text.
_ANYWHERE: dict[str, Damage] = {
    "two byte order marks": _around("\ufeff\ufeff"),
    "blank lines before": _around("\n\n  "),
    "chunk lengths left in": _around("1f40\r\n", "\r\n0\r\n\r\n"),
    "zeros after": _around("", "\0" * 500),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16 the other way": lambda text: text.encode("utf-16-be"),
    "UTF-16 that ends in half a letter": lambda text: f"{text}\n".encode("utf-16")[:-1],
    "UTF-32": lambda text: text.encode("utf-32"),
    "UTF-32 without a mark": lambda text: text.encode("utf-32-be"),
    "gzip twice": lambda text: gzip.compress(gzip.compress(text.encode())),
    "gzip without its end": lambda text: gzip.compress(text.encode())[:-8],
    "gzip with junk behind": lambda text: gzip.compress(text.encode()) + b"\0\0junk",
    "zlib": lambda text: zlib.compress(text.encode()),
    "bare deflate": _bare_deflate,
}

JSON_DAMAGE: dict[str, Damage] = {
    **_ANYWHERE,
    "callback": _around("callback(", ");"),
    "guard against scripts": _around(")]}'\n"),
    "remark before": _around("// made in 3 ms\n/* cached */ "),
    "markup behind": _around("", "\n<!-- cached -->"),
    "commas too many": _swap(r"\}(\s*)\]", r"},\1]"),
    "line ends inside a string": _swap(r'"title": "', '"title": "\n\t'),
}

DAMAGE: dict[str, Damage] = {
    **_ANYWHERE,
    # what stands around it
    "warnings before": _around(_PHP),
    "warnings inside": _swap(_ANY, _PHP.replace("\\", "") + r"<\1>", 1),
    "text before": _around("Warning: x < y & z in /a/b.php on line 3\n"),
    "comment before": _around("<!-- generated --> "),
    "script before": _around('<script>location="/"</script>'),
    "junk bytes before": lambda text: b"\xff\x00\x01" + text.encode(),
    "markup behind": _around("", '\n<script>x("<item>")</script><div>\0</html>'),
    "roots closed again": _around("", "</rss></feed>0\r\n\r\n"),
    "HTML around": _around("<html><head><title>x</title></head><body>", "</body></html>"),
    "another element around": _around('<s:Envelope xmlns:s="urn:s"><s:Body>', "</s:Body></s:Envelope>"),
    "document type of HTML": _around("<!DOCTYPE html>\n"),
    "escaped as a whole": lambda text: _escaped(text).encode(),
    "escaped on a page": lambda text: f"<html><body><pre>{_escaped(text)}</pre></body></html>".encode(),
    # the declaration
    "declared twice": _around('<?xml version="1.0"?>\n'),
    "declaration without quotes": _swap(_DECLARATION, "<?xml version=1.0 encoding=utf-8>"),
    "declared as another encoding": _swap(_DECLARATION, '<?xml version="1.0" encoding="utf-16"?>'),
    "declared as no encoding": _swap(_DECLARATION, '<?xml version="1.0" encoding=""?>'),
    "declared as unknown": _swap(_DECLARATION, '<?xml version="2.0" encoding="utf8mb4" standalone="x"?>'),
    "style sheet": _swap(r"<(rss|feed)", r'<?xml-stylesheet href="http://127.0.0.1/x.xsl"?>\n<\1'),
    "PHP left in": _swap(r"<(rss|feed)", r'<?php echo "<rss"; ?>\n<\1'),
    "document type of old": _swap(
        "<rss", '<!DOCTYPE rss PUBLIC "-//N//DTD RSS 0.91//EN" "http://127.0.0.1/rss.dtd">\n<rss'
    ),
    "entities declared": _swap(
        r"<(rss|feed)",
        r'<!DOCTYPE x [<!ENTITY % a PUBLIC "-" "http://127.0.0.1/e"> %a; <!ENTITY b "c">]>\n<\1',
    ),
    # tags
    "upper case": _cased(str.upper),
    "lower case": _cased(str.lower),
    "capitals": _cased(str.capitalize),
    "blanks in end tags": _swap(r"</(title|link|guid|id|pubDate|item|entry|channel)>", r"</ \1 >"),
    "lines in tags": _swap(r"<(item|entry|title|guid|id)>", r"<\1\n\t>"),
    "end tag cut": _swap(r"</title>", "</title", 1),
    "end tag misspelt": _swap(r"</link>(?=\s*<)", "</lnk>"),
    "end tags crossed": _swap(
        r"<title>([^<]*)</title>(\s*)<link>([^<]*)</link>", r"<title>\1<link>\2\3</title></link>"
    ),
    **{
        f"{name} never ended": _swap(rf"</({name})>(?=\s*<)", "")
        for name in (
            "title",
            "link",
            "guid|id",
            "pubDate|updated|published",
            "description|summary",
            "item|entry",
        )
    },
    "item ended wrongly": _swap(r"</(item|entry)>", "</itm>"),
    "ends without beginnings": _swap(_ANY, r"</div></p></item><\1>"),
    "nothing ended": _swap(r"(\s*</(rss|channel|feed|rdf:RDF)>)+\s*\Z", ""),
    "items wrapped": _swap(_ANY, r"<wrapper><\1>"),
    "channel ended early": _swap(r"<item>", "</channel><item>", 1),
    "second titles": _swap(r"(<(?:item|entry)>\s*<title>[^<]*</title>)", r"\1<title>Other</title>"),
    "links as HTML has them": _swap(r"<link>([^<]*)</link>", r"<link/>\1"),
    "text between": _swap(r"(</(?:title|guid|id|pubDate|updated)>)", r"\1 stray & text "),
    # attributes
    "without quotes": _swap(r'(isPermaLink|rel|type|version)="([\w/.-]+)"', r"\1=\2"),
    "given twice": _swap(r"<(guid|link|content|title)(?= )", r'<\1 a="1" a="2"'),
    "brackets in attributes": _swap(_ANY, r"""<\1 x="a&b<c>" y='"' checked>"""),
    # namespaces
    "none declared": _swap(r"\sxmlns(:\w+)?=(\"[^\"]*\"|'[^']*')", ""),
    "without their last mark": _swap(r'(xmlns(:\w+)?="[^"]*?)[/#]"', r'\1"'),
    "as https": _swap(r'(xmlns(:\w+)?=")http:', r"\1https:"),
    "of nobody": _swap(r'(xmlns(:\w+)?=")[^"]*"', r'\1http://wrong.example/\2"'),
    "of XHTML": _swap("<rss ", '<rss xmlns="http://www.w3.org/1999/xhtml" '),
    # texts
    "ampersands and entities": _swap(_TEXT, r"\1R&D &nbsp;&bogus; &#0;&#xFFFF;&#55357;&#56832; & "),
    "HTML that is not escaped": _swap(_TEXT, r'\1<div><p>x<br><b>y</div><img src=x> <a href="a&b">z'),
    "angle brackets": _swap(_TEXT, r"\1a < b <3 << "),
    "control characters": _swap("</title>", "\x0b\x01</title>"),
    "zeros between": lambda text: "".join(
        f"{letter}\0" if letter in ">\n" else letter for letter in text
    ).encode(),
    "impossible references": _swap(_ANY, r"<\1>&#1;&#x1F;&#xD83D;"),
    "bytes of another encoding": lambda text: text.encode().replace(
        b"<description>", b"<description>\x93 \xe9 \xff"
    ),
    "sections never ended": _swap(r"\]\]>(?=\s*</(description|content|summary))", "", 1),
    "sections in lower case": _swap(r"<!\[CDATA\[", "<![cdata["),
    "sections twice": _swap(r"<!\[CDATA\[(.*?)\]\]>", r"<![CDATA[<![CDATA[\1]]>]]>", flags=re.DOTALL),
    "sections as comments": _swap(r"<!\[CDATA\[(.*?)\]\]>", r"<!--[CDATA[\1]]-->", flags=re.DOTALL),
    "an item in a comment": _swap(_ANY, r"<!-- <item><title>No</title></item> --><\1>"),
    "comments as nobody may": _swap(_ANY, r"<!-- a -- b --- --><\1>"),
    "a comment never ended": _swap(_ANY, r"<\1><!-- oops ", 1),
}
