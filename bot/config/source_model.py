"""The keys of one source in ``sources.yaml``, and which of them go together."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from pydantic import Field, model_validator

from bot.config.credentials import (
    BasicAuthModel,
    CookieName,
    CookieValue,
    HeaderName,
    HeaderValue,
    ProxyAddress,
)
from bot.config.fields import (
    QUERY,
    Age,
    Agent,
    Deadline,
    Entries,
    Flag,
    Interval,
    Language,
    Network,
    OnOff,
    Pages,
    Pause,
    SearchUrl,
    Selector,
    Size,
    Strict,
    Tag,
    Url,
    Words,
    wrong_together,
)

#: the keys that hold an address, one of which a source has
ADDRESSES = ("feed", "sitemap", "page", "search")
#: keys that only one kind of source has
ONLY_FOR = {
    "links": "page",
    "title": "page",
    "date": "page",
    "next": "page",
    "pages": "page",
    "watch": "page",
    "newer_than": "sitemap",
}
#: what is read of a page's links, and so not of a page that is watched for itself
_OF_LINKS = ("links", "title", "date", "next", "pages")
_KEY = r"^[a-z0-9-]{1,64}$"

TierName = Literal["official", "specialist", "general", "aggregator"]
FullTextName = Literal["auto", "page", "feed"]
JsonLdName = Literal["auto", "text", "off"]
ScopeName = Literal["host", "domain", "source"]
RobotsName = Literal["obey", "ignore"]


class SourceModel(Strict):
    """One source with its options."""

    later: ClassVar[frozenset[str]] = frozenset({"evidence"})
    elsewhere: ClassVar[Mapping[str, str]] = {
        "limits": "write timeout, max_body and max_entries as keys of the source",
        "url": "write feed, sitemap, page or search, or the address alone",
        "type": "the key of its address says what it is: feed, sitemap, page or search",
        "kind": "the key of its address says what it is: feed, sitemap, page or search",
        "selector": "write links: CSS of the links to articles",
        "auth": "write basic_auth: {user: …, password_env: …}, or headers: {Authorization_env: …}",
        "verify": "write tls_verify: false",
    }

    id: str | None = Field(default=None, pattern=_KEY, description="Its key for ever: a-z, 0-9 and -.")
    was: str | None = Field(
        default=None, pattern=_KEY, description="The key that it had before; its history is carried over."
    )
    name: Words | None = Field(default=None, description="What it is called; its host, when left out.")
    feed: Url | None = Field(default=None, description="The address of an RSS, Atom or JSON feed.")
    sitemap: Url | None = Field(default=None, description="The address of a sitemap.")
    page: Url | None = Field(
        default=None, description="The address of a page without a feed, whose links lead to articles."
    )
    search: SearchUrl | None = Field(
        default=None, description="The address of a feed with {query} in it, filled once for each watch."
    )
    links: Selector | None = Field(
        default=None,
        description="page: CSS selector of the links to articles; found by itself, when left out.",
    )
    title: Selector | None = Field(
        default=None, description="page: CSS selector of the title, near the link."
    )
    date: Selector | None = Field(default=None, description="page: CSS selector of the date, near the link.")
    next: Selector | None = Field(
        default=None, description="page: CSS selector of the link to the next page."
    )
    pages: Pages = Field(default=1, description="page: how many pages are read each time.")
    watch: Literal["text"] | None = Field(
        default=None, description="page: its own text is the article, and each change of it is news."
    )
    newer_than: Age | None = Field(default=None, description="sitemap: only entries younger than this.")
    language: Language | None = Field(default=None, description="Two letters, such as en.")
    tags: tuple[Tag, ...] = Field(default=(), description="Words of your own.")
    tier: TierName | None = Field(default=None, description="How close it stands to the news.")
    every: Interval | None = Field(
        default=None, description="How often it is asked; adapted to what it brings, when left out."
    )
    enabled: Flag = Field(default=True, description="Whether it is asked at all.")
    baseline: OnOff = Field(default=True, description="off: what is found at first sight is news, too.")
    full_text: FullTextName = Field(
        default="auto", description="Where the text of its articles is taken from: auto, page or feed."
    )
    json_ld: JsonLdName = Field(
        default="auto", description="How far the JSON-LD in its pages is believed: auto, text or off."
    )
    content_selector: Selector | None = Field(
        default=None, description="CSS selector of the text in its articles' pages."
    )
    timeout: Deadline | None = Field(
        default=None, description="For a whole request, redirects and body included."
    )
    max_body: Size | None = Field(default=None, description="What one answer may be given, unpacked.")
    max_entries: Entries | None = Field(default=None, description="Entries taken of one listing.")
    host_pause: Pause | None = Field(default=None, description="The pause between two requests to its host.")
    scope: ScopeName | None = Field(
        default=None, description="Who is asked by one at a time, and is left alone after a Retry-After."
    )
    robots: RobotsName | None = Field(default=None, description="Whether robots.txt is obeyed for its pages.")
    user_agent: Agent | None = Field(default=None, description="What the program calls itself.")
    tls_verify: Flag | None = Field(default=None, description="false: any certificate will do.")
    ca_file: Words | None = Field(
        default=None,
        description="The file of the certificates that are trusted; from the configuration's folder.",
    )
    proxy: ProxyAddress | None = Field(
        default=None, description="http://[user:password@]host:port, or none; everything goes through it."
    )
    basic_auth: BasicAuthModel | None = Field(default=None, description="The user and password it asks for.")
    headers: dict[HeaderName, HeaderValue] = Field(default={}, description="Sent to its own address only.")
    cookies: dict[CookieName, CookieValue] = Field(default={}, description="Sent to its own address only.")
    allow_private: tuple[Network, ...] = Field(
        default=(), description="Networks that are not public and may be connected to for this source."
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "SourceModel":
        given = [kind for kind in ADDRESSES if getattr(self, kind) is not None]
        if len(given) > 1:
            raise wrong_together(
                f"'{given[0]}' and '{given[1]}' are both given", key=given[1], hint="make two sources of them"
            )
        if not given:
            raise wrong_together(
                "the source has no address", hint="give one of feed, sitemap, page or search"
            )
        if given[0] != "search" and QUERY in (getattr(self, given[0]) or ""):
            raise wrong_together(
                f"{QUERY} is filled in a 'search' only", key=given[0], hint="write search: in its place"
            )
        return self

    @model_validator(mode="after")
    def _of_its_kind(self) -> "SourceModel":
        for key, kind in ONLY_FOR.items():
            if getattr(self, kind) is None and key in self.model_fields_set:
                raise wrong_together(f"'{key}' is only for a '{kind}'", key=key, hint="remove it")
        both = next((key for key in _OF_LINKS if self.watch and key in self.model_fields_set), None)
        if both is not None:
            raise wrong_together(
                f"'{both}' and 'watch' are both given",
                key=both,
                hint="watch: text reads the page itself; without it, the articles that it links to are read",
            )
        return self

    @model_validator(mode="after")
    def _one_way_in(self) -> "SourceModel":
        if self.ca_file is not None and self.tls_verify is False:
            raise wrong_together(
                "'ca_file' says nothing beside 'tls_verify: false'", key="ca_file", hint="keep one of the two"
            )
        folded = [name.casefold() for name in self.headers]
        for header, key, given in (
            ("authorization", "basic_auth", self.basic_auth is not None),
            ("cookie", "cookies", bool(self.cookies)),
        ):
            if given and header in folded:
                raise wrong_together(
                    f"'{key}' and the header '{header.title()}' are both given",
                    key=key,
                    hint="keep one of the two",
                )
        if len(set(folded)) < len(folded):
            raise wrong_together(
                "a header is given twice", key="headers", hint="small and capital letters are the same there"
            )
        return self
