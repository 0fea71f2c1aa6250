"""The kinds of values that keys take: spans, switches, names, addresses, zones. No files, no places.

YAML gives every value as the text that stands in the file; these types read it. What they refuse
carries a message that goes on after the key's name ("'every' must be …") and a hint.
"""

import ipaddress
import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.config.durations import DurationError, in_words, parse_duration
from bot.config.faults import did_you_mean, nearest
from bot.config.languages import language_fault
from bot.config.sizes import SizeError, parse_size, size_in_words

KEY_PATTERN = r"^[A-Za-z0-9_-]{1,64}$"
#: What is filled with the words of a watch.
QUERY = "{query}"
#: As the fetcher's own limit.
MAX_URL = 4096
#: As many entries as are ever taken of one listing: each costs a look-up at every poll.
MAX_ENTRIES = 2_000
#: Bytes of one answer. Source: sitemaps.org, "no larger than 50 MB": nothing that is listed is larger.
MIN_BODY, MAX_BODY = 1_000, 50_000_000


class Strict(BaseModel):
    """A mapping of the configuration: unknown keys are faults."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, str_strip_whitespace=True, hide_input_in_errors=True
    )

    #: keys that the design knows and this version does not
    later: ClassVar[frozenset[str]] = frozenset()
    #: keys that are none here, and what to write instead
    elsewhere: ClassVar[Mapping[str, str]] = {}


def wrong(message: str, hint: str = "") -> PydanticCustomError:
    """Return the refusal of one value."""
    return PydanticCustomError("newsbot", "{message}", {"message": message, "hint": hint})


def wrong_together(message: str, *, key: str = "", hint: str = "") -> PydanticCustomError:
    """Return the refusal of keys that do not go together; ``key`` is the one to point at."""
    return PydanticCustomError(
        "newsbot_together", "{message}", {"message": message, "hint": hint, "key": key}
    )


def _span(shortest: timedelta, longest: timedelta) -> Any:
    def read(value: object) -> timedelta:
        if isinstance(value, timedelta):
            return value
        try:
            span = parse_duration(_text(value))
        except DurationError as error:
            raise wrong(str(error), error.hint) from None
        if not shortest <= span <= longest:
            raise wrong(f"must lie between {in_words(shortest)} and {in_words(longest)}")
        return span

    return BeforeValidator(read)


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    raise wrong("must be a single value")


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value).casefold()
    if text in {"true", "false"}:
        return text == "true"
    meant = (
        "true" if text in {"yes", "on", "y", "1"} else "false" if text in {"no", "off", "n", "0"} else None
    )
    raise wrong(
        "must be true or false",
        f"did you mean '{meant}'?" if meant else did_you_mean(text, ["true", "false"]),
    )


def _on_off(value: object) -> bool:
    if isinstance(value, bool):
        return value
    text = _text(value).casefold()
    if text in {"on", "off"}:
        return text == "on"
    meant = {"true": "on", "yes": "on", "false": "off", "no": "off"}.get(text)
    raise wrong("must be on or off", f"did you mean '{meant}'?" if meant else "")


def _count(lowest: int, highest: int) -> Any:
    def read(value: object) -> int:
        if isinstance(value, int):
            return value
        text = _text(value)
        if not re.fullmatch(r"[0-9]{1,9}", text) or (text != "0" and text.startswith("0")):
            raise wrong("must be a whole number")
        if not lowest <= int(text) <= highest:
            raise wrong(f"must lie between {lowest:,} and {highest:,}")
        return int(text)

    return BeforeValidator(read)


def url_fault(url: str) -> tuple[str, str] | None:
    """Return the message and the hint of what is wrong with a web address, or None."""
    if re.search(r"[\s\\\x00-\x1f\x7f]", url):
        return "holds a blank or a backslash, which no web address does", ""
    if len(url) > MAX_URL:
        return f"is longer than {MAX_URL:,} characters", ""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError as error:
        return f"is not a web address: {error}", ""
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return "must be a web address that begins with http:// or https://", _url_hint(url, parts.scheme)
    if "@" in parts.netloc:
        return "must not hold a user name or password", "remove what stands before the '@'"
    if not host or not re.search(r"[^\W_]", host) or ".." in host:
        return "has no host name", ""
    return None


def _url_hint(url: str, scheme: str) -> str:
    if re.match(r"(?i)https?:/{0,1}[^/]", url):
        return f"did you mean '{scheme}://{url.split(':', 1)[1].lstrip('/')}'?"
    if re.match(r"[\w-]+(\.[\w-]+)+([:/?]|$)", url):
        return f"did you mean 'https://{url}'?"
    near = nearest(scheme, ["http", "https"]) if scheme else None
    return f"did you mean '{near}:'?" if near else ""


def _url(value: str) -> str:
    if fault := url_fault(value):
        raise wrong(*fault)
    return value


def _search(value: str) -> str:
    if QUERY not in value:
        named = re.search(r"\{+\s*\w*\s*\}+|%s", value)
        hint = (
            f"did you mean {value.replace(named[0], QUERY)}?" if named else "such as https://…/news?q={query}"
        )
        raise wrong(f"must hold {QUERY}, where the words of a watch are put", hint)
    # a stand-in must not make a host of it
    if fault := url_fault(value.replace(QUERY, "query")):
        raise wrong(*fault)
    if QUERY in re.split(r"[/?#]", value.partition("://")[2], maxsplit=1)[0]:
        raise wrong(f"must hold {QUERY} behind its host name", "")
    return value


def _language(value: str) -> str:
    if fault := language_fault(value):
        raise wrong(*fault)
    return value.lower()


def _timezone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError):
        raise wrong("is not a time zone", _timezone_hint(value)) from None
    return value


def _timezone_hint(value: str) -> str:
    zones = available_timezones()
    if near := nearest(value, zones, cutoff=0.75):
        return f"did you mean '{near}'?"
    cities = {
        zone.rsplit("/", 1)[-1]: zone for zone in sorted(zones) if "/" in zone and not zone.startswith("Etc/")
    }
    if city := nearest(value.replace(" ", "_").rsplit("/", 1)[-1], cities, cutoff=0.8):
        return f"did you mean '{cities[city]}'?"
    return "write a name such as Europe/Paris or UTC"


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise wrong("must be a network such as 10.1.0.0/16") from None
    raise wrong("has bits set behind its prefix", f"did you mean '{meant}'?")


def _contact(value: str) -> str:
    if not re.fullmatch(r"(mailto:)?[^\s@<>()]+@[^\s@<>()]+|https?://[^\s()]+", value) or len(value) > 200:
        raise wrong("must be an e-mail address or a web address", "such as mailto:press-desk@example.org")
    if not value.isascii():
        raise wrong("must be plain ASCII: it is sent in every request", "")
    return value


def _selector(value: str) -> str:
    # pulls in the whole of BeautifulSoup, and most configurations have no such key
    import soupsieve

    try:
        soupsieve.compile(value)
    # a RuntimeError for parts of CSS that it knows and does not have
    except (soupsieve.SelectorSyntaxError, RuntimeError, ValueError) as error:
        raise wrong(
            f"is not a CSS selector: {str(error).splitlines()[0]}", 'such as "main article h3 a"'
        ) from None
    return value


def _size(lowest: int, highest: int) -> Any:
    def read(value: object) -> int:
        if isinstance(value, int):
            return value
        try:
            size = parse_size(_text(value))
        except SizeError as error:
            raise wrong(str(error), error.hint) from None
        if not lowest <= size <= highest:
            raise wrong(f"must lie between {size_in_words(lowest)} and {size_in_words(highest)}")
        return size

    return BeforeValidator(read)


def _agent(value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise wrong("must be plain ASCII: it is sent in every request", "")
    return value


def _in_schema(**words: Any) -> WithJsonSchema:
    return WithJsonSchema(words)


_SPAN_SCHEMA = _in_schema(
    type="string", pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$", examples=["15 min", "2 h"]
)
_SECOND, _MINUTE, _DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)

Interval = Annotated[timedelta, _span(_SECOND, 31 * _DAY), _SPAN_SCHEMA]
Pause = Annotated[timedelta, _span(timedelta(0), timedelta(minutes=10)), _SPAN_SCHEMA]
Deadline = Annotated[timedelta, _span(_SECOND, timedelta(minutes=10)), _SPAN_SCHEMA]
Bound = Annotated[timedelta, _span(_MINUTE, _DAY), _SPAN_SCHEMA]
Age = Annotated[timedelta, _span(timedelta(minutes=1), 36_500 * _DAY), _SPAN_SCHEMA]
Flag = Annotated[bool, BeforeValidator(_flag), _in_schema(type="boolean")]
OnOff = Annotated[bool, BeforeValidator(_on_off), _in_schema(enum=["on", "off"])]
Concurrency = Annotated[int, _count(1, 1024), _in_schema(type="integer", minimum=1, maximum=1024)]
Pages = Annotated[int, _count(1, 20), _in_schema(type="integer", minimum=1, maximum=20)]
Entries = Annotated[int, _count(1, MAX_ENTRIES), _in_schema(type="integer", minimum=1, maximum=MAX_ENTRIES)]
Size = Annotated[
    int,
    _size(MIN_BODY, MAX_BODY),
    _in_schema(type="string", pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*[A-Za-z]+\s*$", examples=["10 MB", "512 KB"]),
]
Agent = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_agent)]
Words = Annotated[str, Field(min_length=1, max_length=2000)]
Selector = Annotated[str, Field(min_length=1, max_length=2000), AfterValidator(_selector)]
Tag = Annotated[str, Field(min_length=1, max_length=64)]
Url = Annotated[str, AfterValidator(_url), _in_schema(type="string", pattern="^https?://")]
SearchUrl = Annotated[
    str,
    AfterValidator(_search),
    _in_schema(
        type="string",
        pattern=r"^https?://.*\{query\}",
        examples=["https://search.example/news?q={query}&format=rss"],
    ),
]
Language = Annotated[str, AfterValidator(_language), _in_schema(type="string", pattern="^[A-Za-z]{2}$")]
Timezone = Annotated[
    str, AfterValidator(_timezone), _in_schema(type="string", examples=["Europe/Paris", "UTC"])
]
Network = Annotated[str, AfterValidator(_network), _in_schema(type="string", examples=["10.1.0.0/16"])]
Contact = Annotated[
    str, AfterValidator(_contact), _in_schema(type="string", examples=["mailto:press-desk@example.org"])
]
