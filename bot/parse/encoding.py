"""From the bytes of a feed or sitemap to text: bounded inflate, and the right encoding.

Only encodings that browsers know are honoured; Python's own codecs (``utf-7``, ``unicode_escape``, ``idna``)
never are (defence P5).
"""

import codecs
import re
import zlib
from collections.abc import Mapping

#: What one body may become when it is inflated.
MAX_INFLATED = 50 * 1024 * 1024
_MAX_WRAPPINGS = 3

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: Labels and the Python codec that decodes what is sent under them: the wider relative, as browsers do it.
#: Source: WHATWG Encoding Standard, names and labels.
_CODECS = {
    "utf-8": "utf-8", "utf8": "utf-8", "unicode-1-1-utf-8": "utf-8",
    "utf-16": "utf-16-le", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be",
    "ascii": "cp1252", "us-ascii": "cp1252", "iso-8859-1": "cp1252", "latin1": "cp1252", "latin-1": "cp1252",
    "iso8859-1": "cp1252", "l1": "cp1252", "windows-1252": "cp1252", "cp1252": "cp1252", "x-cp1252": "cp1252",
    "iso-8859-9": "cp1254", "latin5": "cp1254", "windows-1254": "cp1254", "cp1254": "cp1254",
    "iso-8859-11": "cp874", "tis-620": "cp874", "windows-874": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "gb18030": "gb18030", "x-gbk": "gb18030", "gb-2312": "gb18030",
    "cp936": "gb18030", "hz-gb-2312": "hz",
    "big5": "big5hkscs", "big5-hkscs": "big5hkscs", "cn-big5": "big5hkscs",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "euc-jp": "euc_jp", "x-euc-jp": "euc_jp", "iso-2022-jp": "iso2022_jp",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "windows-949": "cp949", "korean": "cp949",
    "koi8-r": "koi8_r", "koi": "koi8_r", "koi8": "koi8_r", "koi8-u": "koi8_u", "ibm866": "cp866",
    "cp866": "cp866",
    "macintosh": "mac_roman", "mac": "mac_roman", "x-mac-cyrillic": "mac_cyrillic",
    **{f"windows-{page}": f"cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"cp{page}": f"cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **{f"iso8859-{part}": f"iso8859_{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}  # fmt: skip
#: Encodings whose bytes can pass for UTF-8 although they mean something else.
_SEVEN_BIT = frozenset({"iso2022_jp", "hz"})

_DECLARED = re.compile(rb"<\?xml[^<>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_META = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_HEAD = 2048
#: Where zeros stand among four bytes of markup, by codec.
_BY_ZEROS: dict[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
_CONTROL = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]")
#: Bytes that are no UTF-8, as ``surrogateescape`` keeps them.
_ESCAPED = re.compile("[\udc80-\udcff]+")
#: The first bytes of letters that were cut; what else is no UTF-8 is a letter in another encoding.
_CUT_LETTER = re.compile(rb"[\xc2\xc3]|[\xe2-\xef][\x80-\xbf]|\xf0[\x80-\xbf]{1,2}")
#: As much of the beginning is markup and white space in any feed.
_SAMPLE = 64


def codec(label: str) -> str | None:
    """Return the Python codec for an encoding's label, or None where browsers know no such encoding."""
    return _CODECS.get(label.strip().lower())


def inflate(data: bytes, limit: int = MAX_INFLATED) -> bytes:
    """Return the bytes, unpacked where they are gzip or zlib, also twice; beyond ``limit`` they are cut off.

    A damaged or truncated archive gives what could be read of it.
    """
    for _ in range(_MAX_WRAPPINGS):
        if data.startswith(b"\x1f\x8b"):
            data = _unpacked(data, limit, 31)
        elif data[:1] == b"\x78" and len(data) > 2 and int.from_bytes(data[:2], "big") % 31 == 0:
            data = _unpacked(data, limit, 15) or data
        else:
            break
    return _deflated(data, limit) or data


def _deflated(data: bytes, limit: int) -> bytes:
    """Return what a bare deflate stream holds, where it is markup: a coding that the server did not name."""
    if _CONTROL.search(data, 0, _SAMPLE) is None:
        return b""
    try:
        unpacked = zlib.decompressobj(wbits=-15).decompress(data, limit)
    except zlib.error:
        return b""
    return unpacked if unpacked.lstrip(b" \t\r\n\xef\xbb\xbf")[:1] in (b"<", b"{") else b""


def _unpacked(data: bytes, limit: int, window: int) -> bytes:
    try:
        return zlib.decompressobj(wbits=window).decompress(data, limit)
    except zlib.error:
        return _what_inflates(data, limit, window)


def _what_inflates(data: bytes, limit: int, window: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=window)
    whole = bytearray()
    for start in range(0, len(data), 1024):
        try:
            whole += unpacker.decompress(data[start : start + 1024], limit - len(whole))
        except zlib.error:
            break
        if len(whole) >= limit:
            break
    return bytes(whole)


def decode(data: bytes, headers: Mapping[str, str]) -> str:
    """Return the text of a document, whatever it says of its own encoding.

    A byte order mark rules; then what is valid UTF-8 is UTF-8, for declarations lie and bytes do not (no
    other encoding in use looks like it by accident over a whole document); then the declarations that
    decode without an error; then what fits best. Bytes that mean nothing become U+FFFD.
    """
    for mark, name in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(name, "replace")
    silent = _silent(data[:_SAMPLE])
    if silent is not None:
        return data.decode(silent, "replace")
    declared = _declared(data, headers)
    if not (declared and declared[0] in _SEVEN_BIT and (b"\x1b" in data or b"~{" in data)):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for name in declared:
        if name not in ("utf-8", "utf-16-le", "utf-16-be"):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                continue
    return _best(data, declared)


def _silent(sample: bytes) -> str | None:
    """Return the codec of text in units of two or four bytes without a mark: its markup is full of zeros."""
    zeros = [sample[place::4].count(0) * 4 for place in range(4)]
    full = [count > len(sample) * 0.7 for count in zeros]
    return _BY_ZEROS.get(tuple(full)) if any(full) else None


def _declared(data: bytes, headers: Mapping[str, str]) -> list[str]:
    """Return the codecs that the document and then the server name (servers have defaults)."""
    head = data[:_HEAD]
    labels = [found[1].decode("ascii") for found in (_DECLARED.search(head), _META.search(head)) if found]
    content_type = next((value for name, value in headers.items() if name.lower() == "content-type"), "")
    named = _CHARSET.search(content_type)
    if named is not None:
        labels.append(named[1])
    return [name for name in map(codec, labels) if name is not None]


def _best(data: bytes, declared: list[str]) -> str:
    """Decode what fits no declaration: mixed encodings if most of it is UTF-8, else what was declared."""
    text = data.decode("utf-8", "surrogateescape")
    broken = sum(map(len, _ESCAPED.findall(text)))
    # Three bytes that fit together by accident are far rarer than two.
    fitting = sum(3 if letter > "\u07ff" else 1 for letter in text if letter > "\x7f") - 3 * broken
    fallback = next((name for name in declared if not name.startswith("utf-")), "cp1252")
    if fitting < broken:
        return data.decode(fallback, "replace")
    single = fallback if fallback.startswith(("cp125", "iso8859")) else "cp1252"
    return _ESCAPED.sub(lambda found: _in_another(found[0].encode("ascii", "surrogateescape"), single), text)


def _in_another(letters: bytes, name: str) -> str:
    return "\ufffd" if _CUT_LETTER.fullmatch(letters) else letters.decode(name, "replace")
