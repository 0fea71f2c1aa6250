"""Every broken configuration is refused at the exact place, with what to do; never with a traceback."""

import re
from dataclasses import dataclass

import pytest

from tests.config.folder import Folder


@dataclass(frozen=True)
class Broken:
    """A file with one fault: ``⟦`` and ``⟧`` stand around what the pointer must underline."""

    name: str
    file: str
    text: str
    message: str
    hint: str = ""
    width: bool = True


def newsbot(name: str, text: str, message: str, hint: str = "", *, width: bool = True) -> Broken:
    return Broken(name, "newsbot", text, message, hint, width)


def sources(name: str, text: str, message: str, hint: str = "", *, width: bool = True) -> Broken:
    return Broken(name, "sources", "sources:\n" + text, message, hint, width)


def watches(name: str, text: str, message: str, hint: str = "", *, width: bool = True) -> Broken:
    return Broken(name, "watchlists", "watches:\n" + text, message, hint, width)


SETTINGS = [
    newsbot("a misspelt key", "⟦contakt⟧: x@y.org\n", "unknown key 'contakt'", "did you mean 'contact'?"),
    newsbot("a later key", "⟦evidence⟧: none\n", "unknown key 'evidence'", "comes in a later version"),
    newsbot("a later secret", "⟦heartbeat_url_env⟧: X\n", "unknown key", "comes in a later version"),
    newsbot("a zone", "timezone: ⟦Europe/Pariss⟧\n", "not a time zone", "did you mean 'Europe/Paris'?"),
    newsbot("a city as zone", "timezone: ⟦Tokyo⟧\n", "not a time zone", "did you mean 'Asia/Tokyo'?"),
    newsbot("a zone that is a path", "timezone: ⟦../../etc/passwd⟧\n", "not a time zone"),
    newsbot("a zone that is a folder", "timezone: ⟦Europe⟧\n", "not a time zone"),
    newsbot("a contact", "contact: ⟦me⟧\n", "'contact' must be an e-mail address"),
    newsbot("a contact in two lines", "contact: ⟦'a@b.org\n\n  X: y'⟧\n", "'contact' must be", width=False),
    newsbot("a database", "database: ⟦mysql://db/x⟧\n", "'database' must begin with sqlite:///"),
    newsbot(
        "a bare number", "fetch:\n  every: ⟦15⟧\n", "'every' must be a time span", "did you mean '15 min'?"
    ),
    newsbot("a month", "fetch: {every: ⟦1 month⟧}\n", "must be a time span", "did you mean '30 days'?"),
    newsbot("an m", "fetch: {timeout: ⟦10 m⟧}\n", "must be a time span", "did you mean '10 min'?"),
    newsbot("no time at all", "fetch: {every: ⟦0 s⟧}\n", "'every' must lie between 1 s and 31 days"),
    newsbot("an endless time", "fetch: {every: ⟦999999999 weeks⟧}\n", "must be a time span"),
    newsbot("a wrong word", "fetch: {every: ⟦often⟧}\n", "must be a time span"),
    newsbot("a number as word", "fetch: {concurrency: ⟦many⟧}\n", "'concurrency' must be a whole number"),
    newsbot("an octal number", "fetch: {concurrency: ⟦010⟧}\n", "'concurrency' must be a whole number"),
    newsbot("too many", "fetch: {concurrency: ⟦100000⟧}\n", "must lie between 1 and 1,024"),
    newsbot("a list for a mapping", "⟦fetch⟧: [a]\n", "'fetch' must be `key: value` lines"),
    newsbot("text for a mapping", "fetch: ⟦fast⟧\n", "'fetch' must be `key: value` lines"),
    newsbot("a mapping for text", "⟦timezone⟧: {a: b}\n", "'timezone' must be text"),
    newsbot(
        "haste",
        "fetch: {host_pause: ⟦0 s⟧}\n",
        "'host_pause' under 1 s",
        "'one-example-feed' has no allow_private",
    ),
    newsbot(
        "a key twice",
        "timezone: UTC\n⟦timezone⟧: UTC\n",
        "the key 'timezone' is given twice",
        "first on line 1",
    ),
    newsbot("a merge key", "a: &a {x: y}\nfetch:\n  ⟦<<⟧: *a\n", "merge keys", "write the keys out"),
]
CHANNELS = [
    newsbot("no channels in a digest", "digests:\n  ⟦m⟧: {schedule: hourly}\n", "'channels' is missing"),
    newsbot("channels of the wrong shape", "⟦channels⟧: [a]\n", "'channels' must be `key: value` lines"),
    newsbot(
        "a channel without a type", "channels:\n  ⟦a⟧: {path: x}\n", "'type' is missing", "one of email, file"
    ),
    newsbot(
        "an unknown type",
        "channels:\n  a: {type: ⟦emial⟧}\n",
        "no channel of the type 'emial'",
        "did you mean 'email'?",
    ),
    newsbot(
        "a later type",
        "channels:\n  a: {type: ⟦webhook⟧}\n",
        "no channel of the type",
        "comes in a later version",
    ),
    newsbot(
        "an option's name",
        "channels:\n  a: {type: file, ⟦pth⟧: x}\n",
        "unknown key 'pth'",
        "did you mean 'path'?",
    ),
    newsbot("an option left out", "channels:\n  ⟦a⟧: {type: file}\n", "'path' is missing"),
    newsbot(
        "a nested option",
        "channels:\n  a:\n    type: email\n    from: a@b.org\n    to: [a@b.org]\n"
        "    smtp:\n      host: x\n      ⟦prot⟧: 25\n",
        "unknown key 'prot'",
        "did you mean 'port'?",
    ),
    newsbot(
        "a channel's key",
        "channels:\n  ⟦a b⟧: {type: stdout}\n",
        "the key of a channel",
        "did you mean 'a-b'?",
    ),
    newsbot(
        "a secret left out",
        "channels:\n  ⟦a⟧: {type: slack}\n",
        "'webhook_url' is missing",
        "or 'webhook_url_env'",
    ),
    newsbot(
        "an unset variable",
        "channels:\n  a: {type: slack, webhook_url_env: ⟦HOOK⟧}\n",
        "variable HOOK is not set",
    ),
    newsbot(
        "a missing file", "channels:\n  a: {type: slack, webhook_url_file: ⟦no/such⟧}\n", "there is no file"
    ),
    newsbot(
        "a secret in two ways",
        "channels:\n  a:\n    type: slack\n    webhook_url: https://hooks.example/x\n"
        "    ⟦webhook_url_env⟧: HOOK\n",
        "'webhook_url' is given twice",
        "first on line 4",
    ),
]
_FILE = "channels: {f: {type: file, path: x}}\ndigests:\n  m:\n"
DIGESTS = [
    newsbot(
        "no schedule",
        "channels: {f: {type: file, path: x}}\ndigests:\n  ⟦m⟧: {channels: [f]}\n",
        "'schedule' is missing",
    ),
    newsbot(
        "two schedules",
        _FILE + "    schedule: hourly\n    ⟦cron⟧: 0 7 * * *\n    channels: [f]\n",
        "both given",
    ),
    newsbot("a schedule", _FILE + "    schedule: ⟦evry day at 07:00⟧\n    channels: [f]\n", "'schedule'"),
    newsbot("a cron line", _FILE + "    cron: ⟦0 99 * * *⟧\n    channels: [f]\n", "'cron'"),
    newsbot(
        "an unknown channel",
        _FILE + "    schedule: hourly\n    channels: [f, ⟦ff⟧]\n",
        "no channel 'ff'",
        "did you mean 'f'?",
    ),
    newsbot(
        "an unknown watch",
        _FILE + "    schedule: hourly\n    channels: [f]\n    watches: [⟦astrex⟧]\n",
        "there is no watch 'astrex'",
        "did you mean 'asterx'?",
    ),
    newsbot(
        "one watch, not a list",
        _FILE + "    schedule: hourly\n    channels: [f]\n    watches: ⟦cspo⟧\n",
        "'watches' must be 'all' or a list",
        "[cspo]",
    ),
    newsbot(
        "no watch",
        _FILE + "    schedule: hourly\n    channels: [f]\n    ⟦watches⟧: []\n",
        "'watches' names none",
    ),
    newsbot(
        "a list of no channel",
        _FILE + "    schedule: hourly\n    ⟦channels⟧: []\n",
        "'channels' must not be empty",
    ),
    newsbot(
        "one channel, no list", _FILE + "    schedule: hourly\n    channels: ⟦f⟧\n", "must be a list", "[f]"
    ),
    newsbot(
        "a choice",
        _FILE + "    schedule: hourly\n    channels: [f]\n    when_empty: ⟦sned⟧\n",
        "'when_empty' must be one of send, skip",
        "did you mean 'send'?",
    ),
    newsbot(
        "quiet hours",
        _FILE + "    ⟦quiet_hours⟧: x\n    schedule: hourly\n    channels: [f]\n",
        "unknown",
        "later version",
    ),
]
SOURCES = [
    sources(
        "no scheme",
        "  - ⟦one.example/feed⟧\n",
        "must be a web address",
        "did you mean 'https://one.example/feed'?",
    ),
    sources("a wrong scheme", "  - ⟦ftp://one.example⟧\n", "must be a web address"),
    sources(
        "one slash",
        "  - feed: ⟦https:/one.example⟧\n",
        "'feed' must be a web",
        "did you mean 'https://one.example'?",
    ),
    sources("a user name", "  - feed: ⟦https://u@one.example⟧\n", "user name or password", "before the '@'"),
    sources("no host", "  - feed: ⟦https://⟧\n", "must be a web address"),
    sources("a port", "  - feed: ⟦https://one.example:99999/⟧\n", "is not a web address"),
    sources("a broken IPv6", "  - feed: ⟦'http://[::1/x'⟧\n", "is not a web address"),
    sources("a blank", "  - feed: ⟦https://one.example/a b⟧\n", "holds a blank"),
    sources(
        "no address",
        "  - ⟦name⟧: One\n",
        "the source has no address",
        "give one of feed, sitemap, page or search",
    ),
    sources(
        "two addresses",
        "  - feed: https://a.example\n    ⟦page⟧: https://b.example\n    links: a\n",
        "both given",
    ),
    sources("links without a page", "  - feed: https://a.example\n    ⟦links⟧: a\n", "only for a 'page'"),
    sources(
        "newer_than for a feed",
        "  - feed: https://a.example\n    ⟦newer_than⟧: 3 d\n",
        "only for a 'sitemap'",
    ),
    sources(
        "a selector", "  - page: https://a.example\n    links: ⟦'a[['⟧\n", "'links' is not a CSS selector"
    ),
    sources("a key", "  - ⟦fed⟧: https://a.example\n", "unknown key 'fed'", "did you mean 'feed'?"),
    sources(
        "a language", "  - feed: https://a.example\n    language: ⟦jp⟧\n", "two letters", "did you mean 'ja'?"
    ),
    sources(
        "a region",
        "  - feed: https://a.example\n    language: ⟦en-GB⟧\n",
        "two letters",
        "did you mean 'en'?",
    ),
    sources(
        "a tier",
        "  - feed: https://a.example\n    tier: ⟦oficial⟧\n",
        "must be one of",
        "did you mean 'official'?",
    ),
    sources(
        "a tag, not a list",
        "  - feed: https://a.example\n    tags: ⟦space⟧\n",
        "'tags' must be a list",
        "[space]",
    ),
    sources(
        "an empty tag",
        "  - feed: https://a.example\n    tags: [⟦''⟧]\n",
        "an item of 'tags' must not be empty",
    ),
    sources(
        "yes",
        "  - feed: https://a.example\n    enabled: ⟦yes⟧\n",
        "must be true or false",
        "did you mean 'true'?",
    ),
    sources(
        "a baseline",
        "  - feed: https://a.example\n    baseline: ⟦false⟧\n",
        "must be on or off",
        "did you mean 'off'?",
    ),
    sources(
        "a network",
        "  - feed: http://a.example\n    allow_private: [⟦10.1.0.5/16⟧]\n",
        "bits",
        "'10.1.0.0/16'?",
    ),
    sources("no network", "  - feed: http://a.example\n    allow_private: [⟦lan⟧]\n", "must be a network"),
    sources(
        "an id", "  - feed: https://a.example\n    id: ⟦My Id⟧\n", "'id' must be", "did you mean 'my-id'?"
    ),
    sources(
        "a key twice",
        "  - {name: A, feed: 'https://a.example'}\n  - {name: ⟦a⟧, feed: 'https://b.example'}\n",
        "two sources have the key 'a'",
    ),
    sources("an empty item", "  - https://a.example\n  -⟦ ⟧\n", "the item is empty", width=False),
    sources("a list in the list", "  - ⟦[⟧a]\n", "a source is an address"),
    sources(
        "later",
        "  - feed: https://a.example\n    ⟦evidence⟧: all\n",
        "unknown key",
        "comes in a later version",
    ),
    sources(
        "limits",
        "  - feed: https://a.example\n    ⟦limits⟧: {}\n",
        "unknown key 'limits'",
        "timeout, max_body",
    ),
    sources(
        "an address by another name", "  - ⟦url⟧: https://a.example\n", "unknown key 'url'", "write feed,"
    ),
    sources(
        "a former key",
        "  - feed: https://a.example\n    was: ⟦My Id⟧\n",
        "'was' must",
        "did you mean 'my-id'?",
    ),
    sources("an empty name", "  - feed: https://a.example\n    name: ⟦''⟧\n", "'name' must not be empty"),
]
_OWN = "  - feed: https://a.example\n    "
KINDS = [
    sources(
        "a search without a place",
        "  - search: ⟦https://a.example/?q={q}⟧\n",
        "'search' must hold {query}",
        "did you mean https://a.example/?q={query}?",
    ),
    sources(
        "a search for nothing", "  - search: ⟦https://a.example/⟧\n", "must hold {query}", "/news?q={query}"
    ),
    sources("a search anywhere", "  - search: ⟦https://{query}.example/⟧\n", "behind its host name"),
    sources("a search without a host", "  - search: ⟦https:///{query}⟧\n", "must be a web address"),
    sources(
        "a feed with a place",
        "  - ⟦feed⟧: https://a.example/{query}\n",
        "{query} is filled in a 'search' only",
    ),
    sources("paging without a page", _OWN + "⟦pages⟧: 2\n", "'pages' is only for a 'page'", "remove it"),
    sources("next without a page", _OWN + "⟦next⟧: a.next\n", "'next' is only for a 'page'"),
    sources("watching a feed", _OWN + "⟦watch⟧: text\n", "'watch' is only for a 'page'"),
    sources(
        "watching something",
        "  - page: https://a.example\n    watch: ⟦links⟧\n",
        "'watch' must be one of text",
    ),
    sources(
        "links of a watched page",
        "  - page: https://a.example\n    watch: text\n    ⟦links⟧: a\n",
        "'links' and 'watch' are both given",
        "reads the page itself",
    ),
    sources("too many pages", "  - page: https://a.example\n    pages: ⟦21⟧\n", "must lie between 1 and 20"),
    sources(
        "a text", _OWN + "full_text: ⟦pages⟧\n", "must be one of auto, page, feed", "did you mean 'page'?"
    ),
    sources("json", _OWN + "json_ld: ⟦no⟧\n", "'json_ld' must be one of auto, text, off"),
    sources("a content selector", _OWN + "content_selector: ⟦'div['⟧\n", "is not a CSS selector"),
    sources("a scope", _OWN + "scope: ⟦site⟧\n", "must be one of host, domain, source"),
    sources("a size", _OWN + "max_body: ⟦10⟧\n", "must be a size", "did you mean '10 MB'?"),
    sources("a size by letter", _OWN + "max_body: ⟦10 M⟧\n", "must be a size", "did you mean '10 MB'?"),
    sources("a size of another kind", _OWN + "max_body: ⟦10 min⟧\n", "must be a size", "units: KB"),
    sources("a size beyond measure", _OWN + "max_body: ⟦1 GB⟧\n", "must lie between 1 KB and 50 MB"),
    sources("entries", _OWN + "max_entries: ⟦5000⟧\n", "must lie between 1 and 2,000"),
    sources("robots", _OWN + "robots: ⟦off⟧\n", "must be one of obey, ignore"),
    sources("an agent", _OWN + "user_agent: ⟦Nachrichtenüberblick⟧\n", "must be plain ASCII"),
    sources(
        "haste",
        _OWN + "host_pause: ⟦100 s⟧\n".replace("100 s", "0 s"),
        "'host_pause' under 1 s is only for networks of one's own",
        "no allow_private",
    ),
]
ACCESS = [
    sources("certificates", _OWN + "ca_file: ⟦none.pem⟧\n", "there is no file", "certificates (PEM)"),
    sources(
        "certificates for nothing",
        _OWN + "tls_verify: false\n    ⟦ca_file⟧: x.pem\n",
        "'ca_file' says nothing beside 'tls_verify: false'",
    ),
    sources(
        "a proxy",
        _OWN + "proxy: ⟦proxy.example:3128⟧\n",
        "'proxy' must begin with http://",
        "http://host:port",
    ),
    sources("a socks proxy", _OWN + "proxy: ⟦socks5://p.example⟧\n", "must begin with http:// or https://"),
    sources("a proxy's path", _OWN + "proxy: ⟦http://p.example/x⟧\n", "is not the address of a proxy"),
    sources("a proxy's port", _OWN + "proxy: ⟦'http://p.example:x'⟧\n", "is not the address of a proxy"),
    sources(
        "a proxy in two ways",
        _OWN + "proxy: none\n    ⟦proxy_env⟧: X\n",
        "'proxy' is given twice, in two ways",
        "first on line 3",
    ),
    sources("no password", _OWN + "⟦basic_auth⟧: {user: u}\n", "'password' is missing", "or 'password_env'"),
    sources("no user", _OWN + "⟦basic_auth⟧: {password_env: P}\n", "'user' is missing"),
    sources(
        "a password's key", _OWN + "basic_auth: {user: u, ⟦pass⟧: x}\n", "unknown key 'pass'", "'password'"
    ),
    sources(
        "text for a password",
        _OWN + "basic_auth: ⟦u:p⟧\n",
        "'basic_auth' must be `key: value` lines",
        width=False,
    ),
    sources("a user", _OWN + "basic_auth: {user: ⟦'u:v'⟧, password: x}\n", "must not hold a colon"),
    sources("a variable", _OWN + "basic_auth: {user: u, password_env: ⟦UNSET⟧}\n", "UNSET is not set"),
    sources("a header's name", _OWN + "headers: {⟦'X Y'⟧: z}\n", "'X Y' is not the name of a header"),
    sources(
        "a header of ours", _OWN + "headers: {⟦host⟧: z}\n", "'host' is set by newsbot itself", "remove it"
    ),
    sources(
        "a header with a key", _OWN + "headers: {⟦User-Agent⟧: z}\n", "does not belong here", "`user_agent:`"
    ),
    sources("a header's value", _OWN + 'headers: {X-Y: ⟦"a\\nb"⟧}\n', "'X-Y' holds a line end"),
    sources("a header's shape", _OWN + "headers: {⟦X-Y⟧: [z]}\n", "'X-Y' must be text"),
    sources("a header's place", _OWN + "headers: {X-Y: {⟦var⟧: Z}}\n", "'X-Y' must be text, {env: NAME} or"),
    sources(
        "a header's variable", _OWN + "headers: {X-Y: {env: ⟦UNSET⟧}}\n", "the environment variable UNSET"
    ),
    sources("a header's file", _OWN + "headers: {X-Y_file: ⟦none⟧}\n", "there is no file"),
    sources("headers as text", _OWN + "headers: ⟦x⟧\n", "'headers' must be `key: value` lines"),
    sources("a header twice", _OWN + "⟦headers⟧: {X-Y: a, x-y: b}\n", "a header is given twice"),
    sources(
        "a header in two ways",
        _OWN + "headers: {X-Y: a, ⟦X-Y_env⟧: B}\n",
        "'X-Y' is given twice, in two ways",
    ),
    sources("a cookie's name", _OWN + "cookies: {⟦'a=b'⟧: z}\n", "'a=b' is not the name of a cookie"),
    sources("two cookies in one", _OWN + "cookies: {a: ⟦b; c=d⟧}\n", "holds a ';'", "a line for each"),
    sources(
        "two passwords",
        _OWN + "headers: {Authorization: Basic x}\n    ⟦basic_auth⟧: {user: u, password: p}\n",
        "'basic_auth' and the header 'Authorization' are both given",
    ),
    sources(
        "two sorts of cookies",
        _OWN + "headers: {cookie: a=b}\n    ⟦cookies⟧: {c: d}\n",
        "'cookies' and the header 'Cookie' are both given",
    ),
    newsbot("a proxy for all", "fetch: {proxy: ⟦p.example⟧}\n", "'proxy' must begin with http://"),
    newsbot("headers for all", "fetch: {⟦headers⟧: {}}\n", "unknown key 'headers'", "belong to one source"),
    newsbot("bounds", "fetch: {⟦shortest⟧: 3 h}\n", "'shortest' (3 h) is longer than 'longest' (2 h)"),
    newsbot("the other bound", "fetch: {⟦longest⟧: 5 min}\n", "is longer than 'longest' (5 min)"),
    newsbot("a bound", "fetch: {longest: ⟦2 days⟧}\n", "must lie between 1 min and 1 day"),
    newsbot("certificates for all", "fetch: {ca_file: ⟦none.pem⟧}\n", "there is no file"),
    newsbot(
        "certificates for all in vain", "fetch: {tls_verify: false, ⟦ca_file⟧: x}\n", "says nothing beside"
    ),
]
WATCHES = [
    watches("a key", "  ⟦a b⟧: {any: [x]}\n", "the key of a watch", "did you mean 'a-b'?"),
    watches("two ways", "  a:\n    any: [foo]\n    ⟦query⟧: bar\n", "'query' stands beside any"),
    watches("nothing", "  ⟦a⟧:\n", "nothing to look for", "any: [CSpO]"),
    watches("only not", "  ⟦a⟧: {not: [x]}\n", "nothing to look for"),
    watches(
        "nearly a key",
        "  a: {any: [foo], ⟦langauges⟧: [en]}\n",
        "unknown key 'langauges'",
        "did you mean 'languages'?",
    ),
    watches("a scope outside", "  a: {any: [foo], ⟦tags⟧: [b]}\n", "unknown key 'tags'", "sources: {tags:"),
    watches("another word", "  a: {any: [foo], ⟦exclude⟧: [b]}\n", "unknown", "did you mean 'not'?"),
    watches("text for a list", "  a: {any: ⟦foo⟧}\n", "'any' must be a list", "[foo]"),
    watches(
        "a comment ate an item",
        "  a:\n    any:\n      - foo\n      -⟦ ⟧#bar\n",
        "an item is empty",
        "'#' begins a comment",
        width=False,
    ),
    watches(
        "a comment ate the list",
        "  a:\n    any: [foo]\n    not:⟦ ⟧#bar\n",
        "'not' is empty",
        "'#' begins a comment",
        width=False,
    ),
    watches("an empty item", "  a: {any: [foo, ⟦''⟧]}\n", "an item is empty"),
    watches(
        "a colon", "  a:\n    any:\n      - ⟦AsterX⟧: exercise\n", "a colon and a blank", "quotes around"
    ),
    watches("a question mark", "  a:\n    any: [⟦?x⟧]\n", "'?' begins a key", "quotes around", width=False),
    watches("an inner list", "  a:\n    any: [⟦[⟧x]]\n", "a list stands inside the list", "quotes around"),
    watches(
        "a star",
        "  a:\n    any: [⟦*⟧terX]\n",
        "'*' begins an alias",
        "put quotes around the whole item",
        width=False,
    ),
    watches(
        "an ampersand",
        "  a:\n    any:\n      - ⟦&⟧x\n",
        "an item is empty",
        "'&' begins an anchor",
        width=False,
    ),
    watches(
        "an exclamation mark",
        "  a:\n    any:\n      - ⟦!⟧foo bar\n",
        "the tag '!foo'",
        "put quotes",
        width=False,
    ),
    watches("mixed operators", "  a:\n    query: foo OR bar ⟦AND⟧ baz\n", "mixed"),
    watches("a parenthesis in quotes", "  a:\n    query: '⟦(⟧foo OR bar'\n", "not closed", width=False),
    watches(
        "a parenthesis in a block",
        "  a:\n    query: >\n      foo AND\n      ⟦(⟧bar OR baz\n",
        "not closed",
        width=False,
    ),
    watches("a parenthesis in an item", "  a:\n    any: [foo, bar, '⟦(⟧foo']\n", "not closed", width=False),
    watches(
        "an unclosed not",
        "  a:\n    any: [foo]\n    not:\n      - ⟦(⟧bar OR baz\n",
        "not closed",
        width=False,
    ),
    watches("a near", "  a:\n    query: foo ⟦NEAR⟧ bar\n", "NEAR"),
    watches("a far near", "  a:\n    query: foo ⟦NEAR/500⟧ bar\n", "from 1 to 100"),
    watches("a field", "  a: {query: '⟦titel:⟧foo'}\n", "no field", "did you mean title:?"),
    watches("a regular expression", "  a: {query: 're:/a⟦(⟧b/'}\n", "", width=False),
    watches("nothing positive", "  a:\n    query: foo OR ⟦NOT⟧ bar\n", "no positive term", width=False),
]
GUARDS = [
    watches(
        "an operator in a long form",
        "  a:\n    any: [foo]\n    long_forms: [Foo ⟦AND⟧ Bar]\n",
        "an item here is one phrase, without 'AND'",
        "put the words in quotes of their own",
    ),
    watches(
        "a wildcard in a rival",
        "  a:\n    any: [foo]\n    rivals:\n      - product own⟦*⟧\n",
        "one phrase, and '*' is a wildcard",
        "write the words out",
    ),
    watches(
        "an acronym behind its long form",
        "  a: {any: [CSpO], long_forms: [Combined Space Operations ⟦(⟧CSpO)]}\n",
        "one phrase, without '('",
        "did you mean 'Combined Space Operations'?",
    ),
    watches(
        "a field in a rival", "  a: {any: [foo], rivals: ['⟦title:⟧foo']}\n", "one phrase, without 'title:'"
    ),
    watches(
        "two phrases in one item",
        """  a: {any: [foo], rivals: ['⟦"a b" "c d"⟧']}\n""",
        "an item here is one phrase",
        "an item of each of its parts",
    ),
    watches("a rival of no letters", "  a: {any: [foo], rivals: ['⟦+++⟧']}\n", "needs a letter"),
    watches(
        "an empty rival",
        "  a:\n    any: [foo]\n    rivals:\n      -⟦ ⟧#1\n",
        "an item is empty",
        "'#' begins a comment",
        width=False,
    ),
    watches(
        "a mapping for a long form",
        "  a:\n    any: [foo]\n    long_forms:\n      - ⟦Foo⟧: Bar\n",
        "a colon and a blank",
        "quotes around",
    ),
    watches(
        "a rival that is expected, too",
        "  a: {any: [foo], long_forms: [Foo Bar], rivals: [baz, ⟦foo bar⟧]}\n",
        "'foo bar' is among the long_forms, too",
        "keep one of the two",
    ),
    watches(
        "text for long forms", "  a: {any: [foo], long_forms: ⟦Foo Bar⟧}\n", "must be a list", "[Foo Bar]"
    ),
    watches("a negated context", "  a: {any: [foo], context: [⟦NOT⟧ space]}\n", "without 'NOT'"),
    watches("a minus in the context", "  a: {any: [foo], context: [space, '⟦-⟧golf']}\n", "without '-'"),
    watches(
        "an OR in the context",
        "  a: {any: [foo], context: [space ⟦OR⟧ orbit]}\n",
        "without 'OR'",
        "make an item of each part",
    ),
    watches(
        "a regular expression in the context", "  a: {any: [foo], context: ['⟦re:⟧/x/']}\n", "without 're:'"
    ),
    watches(
        "a wildcard too early", "  a: {any: [foo], context: ['sp⟦*⟧']}\n", "too few letters", width=False
    ),
    watches(
        "two letters for a language",
        "  a: {any: [foo], languages: [en, ⟦jp⟧]}\n",
        "an item of 'languages' must be a language's two letters",
        "did you mean 'ja'?",
    ),
    watches("one language, no list", "  a: {any: [foo], languages: ⟦en⟧}\n", "must be a list", "[en]"),
    watches(
        "a switch",
        "  a: {any: [foo], deliver_contradicted: ⟦yes⟧}\n",
        "must be true or false",
        "did you mean 'true'?",
    ),
]
SCOPES = [
    watches(
        "a comment ate a language",
        "  a:\n    any: [foo]\n    languages:\n      - en\n      -⟦ ⟧#fr\n",
        "an item is empty",
        "'#' begins a comment",
        width=False,
    ),
    watches(
        "a comment ate a source",
        "  a:\n    any: [foo]\n    sources:\n      -⟦ ⟧#one\n",
        "an item is empty",
        "'#' begins a comment",
        width=False,
    ),
    watches(
        "an empty tag",
        "  a:\n    any: [foo]\n    sources:\n      tags:\n        -⟦ ⟧\n",
        "an item is empty",
        width=False,
    ),
    watches(
        "a tier",
        "  a: {any: [foo], sources: {tiers: [⟦oficial⟧]}}\n",
        "must be one of official",
        "did you mean 'official'?",
    ),
    watches(
        "a scope's key",
        "  a: {any: [foo], sources: {⟦tag⟧: [x]}}\n",
        "unknown key 'tag'",
        "did you mean 'tags'?",
    ),
    watches("one tag, no list", "  a: {any: [foo], sources: {tags: ⟦space⟧}}\n", "must be a list", "[space]"),
    watches(
        "text for a scope",
        "  a: {any: [foo], sources: ⟦one⟧}\n",
        "'sources' must be a list of keys",
        "write a list: [one]",
    ),
    watches("all sources", "  a: {any: [foo], sources: ⟦all⟧}\n", "'sources' must be", "leave it out"),
    watches(
        "an unknown source",
        "  a: {any: [foo], sources: [⟦one-exampel-feed⟧]}\n",
        "there is no source 'one-exampel-feed'",
        "did you mean 'one-example-feed'?",
    ),
    watches(
        "an unknown source by its word",
        "  a:\n    any: [foo]\n    sources:\n      only:\n        - ⟦One Example Feed⟧\n",
        "there is no source 'One Example Feed'",
        "did you mean 'one-example-feed'?",
    ),
    watches(
        "a source that is nowhere near",
        "  a: {any: [foo], sources: {only: [⟦xyz⟧]}}\n",
        "there is no source 'xyz'",
        "sources: one-example-feed",
    ),
]
YAML = [
    newsbot("a tab", "fetch:\n⟦\t⟧every: 1 h\n", "a tab stands where only spaces may", "indent with spaces"),
    newsbot(
        "a quotation mark", "contact: ⟦'⟧x\ntimezone: UTC\n", "a quotation mark opened here is never closed"
    ),
    newsbot(
        "a bracket",
        "digests:\n  m: {watches: ⟦[⟧a, b\n  n: c\n",
        "what '[' opens here is not closed",
        "close it with ']'",
    ),
    newsbot("a bracket eaten", "digests:\n  m: {watches: ⟦[⟧a, #b]}\n", "not closed", "'#' begins a comment"),
    newsbot("a second colon", "timezone: a⟦:⟧ b\n", "a colon is not expected here"),
    newsbot("an at sign", "contact: ⟦@⟧me\n", "a value cannot begin with '@'", "put quotes"),
    newsbot("a backslash", 'contact: "⟦\\⟧d"\n', "a backslash in double quotes"),
    newsbot("text behind quotes", 'contact: "x" ⟦y⟧\n', "the value ended before this", "put single quotes"),
    newsbot(
        "no colon",
        "timezone\nfetch⟦:⟧ {}\n",
        "a colon is not expected here",
        "whether the line above lacks its colon",
    ),
    newsbot("two documents", "timezone: UTC\n⟦---⟧\ntimezone: UTC\n", "a second document begins here"),
    newsbot(
        "a tag",
        "contact: ⟦!!python/object:os.system⟧ x\n",
        "the tag '!!python/object:os.system'",
        width=False,
    ),
    newsbot(
        "an alias to nothing", "contact: ⟦*who⟧\n", "'*' begins an alias, and 'who' is not defined above"
    ),
    newsbot("an alias to itself", "fetch: &a {every: ⟦*a⟧}\n", "'a' holds itself"),
    newsbot("a control character", "contact: x⟦\x07⟧\n", "a control character", "U+0007"),
    newsbot("a NUL", "contact: x⟦\x00⟧\n", "a control character", "U+0000"),
    newsbot("an escaped NUL", 'contact: ⟦"\\0"⟧\n', "a control character", "U+0000"),
    newsbot("no key", "⟦just words⟧\n", "the file must begin with a key", width=False),
    newsbot("a list", "⟦-⟧ a\n", "the file must begin with a key"),
    newsbot("an empty key", "⟦~⟧: x\n", "a key must be a word"),
    newsbot("an odd space", "fetch:\n\u00a0 every: 1 h\n⟦x⟧: y\n", "", width=False),
]


def unmarked(text: str) -> tuple[str, int, int, int]:
    """Return the text without marks, and the line, column and width that they stand around."""
    start = text.index("⟦")
    before = text[:start]
    marked = text[start + 1 : text.index("⟧")]
    line = before.count("\n") + 1
    return text.replace("⟦", "").replace("⟧", ""), line, start - before.rfind("\n"), len(marked)


@pytest.mark.parametrize(
    "case",
    [*SETTINGS, *CHANNELS, *DIGESTS, *SOURCES, *KINDS, *ACCESS, *WATCHES, *GUARDS, *SCOPES, *YAML[:-1]],
    ids=lambda case: f"{case.file}: {case.name}",
)
def test_a_fault_is_told_at_its_place(folder: Folder, case: Broken) -> None:
    """The pointer stands under the mistake itself, and the hint says what to write."""
    text, line, column, width = unmarked(case.text)
    changed: dict[str, str | bytes | None] = {case.file: text}
    faults = folder.faults(**changed)
    told = "\n".join(map(str, faults))
    match = [fault for fault in faults if (fault.line, fault.column) == (line, column)]
    assert match, told
    assert re.search(case.message if "|" in case.message else re.escape(case.message), match[0].message), told
    assert case.hint in match[0].hint, told
    assert match[0].file == str(folder.path / f"{case.file}.yaml")
    if case.width:
        assert match[0].width == width, told


def test_all_faults_of_all_files_are_told_at_once(folder: Folder) -> None:
    """Nobody mends one fault to find the next."""
    faults = folder.faults(
        newsbot="contakt: a@b.org\ntimezone: Mars\n",
        sources="sources:\n  - nowhere\n  - {fed: x}\n",
        watchlists="watches:\n  a: {any: [foo OR bar AND baz]}\n  b: {al: [x]}\n",
    )
    assert [(fault.file.rsplit("/", 1)[1], fault.line) for fault in faults] == [
        ("newsbot.yaml", 1),
        ("newsbot.yaml", 2),
        ("watchlists.yaml", 2),
        ("watchlists.yaml", 3),
        ("sources.yaml", 2),
        ("sources.yaml", 3),
    ]


def test_a_file_that_is_no_yaml_silences_only_what_follows_from_it(folder: Folder) -> None:
    """A digest's watches cannot be judged when the watchlist cannot be read; the rest can."""
    faults = folder.faults(
        newsbot="digests:\n  m: {schedule: hourly, channels: [x], watches: [who]}\n",
        watchlists="watches: [\n",
        sources="sources: [nowhere]\n",
    )
    assert [fault.message.split(" ")[0:4] for fault in faults] == [
        ["there", "is", "no", "channel"],
        ["what", "'['", "opens", "here"],
        ["the", "address", "must", "be"],
    ]


def test_a_colliding_source_key_names_both_places(folder: Folder) -> None:
    """The message says where the first one stands."""
    (fault,) = folder.faults(
        sources="sources:\n  - {id: a, feed: 'https://a.example'}\n  - {name: A, feed: 'https://b.example'}\n"
    )
    assert f"{folder.path}/sources.yaml:2:10" in fault.message
    assert (fault.line, fault.column) == (3, 12)
