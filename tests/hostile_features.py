"""Hostile sources that try what a single source may be given: secrets, proxies, certificates, limits, paging (N3, N4, N7, N12)."""

from itertools import count
from pathlib import Path

from tests.hostile import CLOSE, HANG, Again, Seen, head, page, redirect
from tests.hostile_network import FORBIDDEN, OWN
from tests.hostile_registry import HTML, Place, add, feed, hostile, item, restless, rss

#: what the configuration takes from the environment, and only one server may be told
SECRETS = {
    "HOSTILE_KEY": "k3y-Tr0ubadour",
    "HOSTILE_COOKIE": "c00kie-Tr0ubadour",
    "HOSTILE_PASSWORD": "pa55-Tr0ubadour",
}
_TLS = Path(__file__).parent / "fetch" / "tls"
_KEY = {"headers": {"X-Api-Key_env": "HOSTILE_KEY"}}
_COOKIE = {"cookies": {"session_env": "HOSTILE_COOKIE"}}
_BASIC = {"basic_auth": {"user": "reader", "password_env": "HOSTILE_PASSWORD"}}


def _leaks(key: str, **config: object) -> None:
    """A source that is asked with a secret, and leads to a server that listens for it."""
    add(key, lambda place: place.web.answer("/feed", redirect(place.ear)), **config)


_leaks("secret-header", **_KEY)
_leaks("secret-cookie", **_COOKIE)
_leaks("secret-password", **_BASIC)


@hostile(headers={"Authorization_env": "HOSTILE_KEY"}, cookies={"session_env": "HOSTILE_COOKIE"})
def secret_pages(place: Place) -> str:
    """Its entries lead to the server that listens, too."""
    return place.web.answer("/feed", feed(rss(item(f"{place.ear}?page", "Overheard"))))


@hostile(
    certificate="good.pem",
    host=OWN,
    allow_private=[f"{OWN}/32", "127.7.0.0/16"],
    headers={"X-Api-Key_env": "HOSTILE_KEY"},
)
def secret_downgrade(place: Place) -> str:
    """From https to http, where everybody on the way reads what is sent."""
    return place.web.answer("/feed", redirect(place.ear))


@hostile(certificate="good.pem", host=OWN, allow_private=[f"{OWN}/32"])
def tls_good(place: Place) -> str:
    """The control: a certificate that is right."""
    return place.web.answer("/feed", feed(rss(item(None, "Trusted"))))


@hostile(certificate="self_signed.pem", host=OWN, allow_private=[f"{OWN}/32"], tls_verify=False)
def tls_unverified(place: Place) -> str:
    """Whoever stands between may write this; the user said so, for this source alone."""
    return place.web.answer("/feed", feed(rss(item(None, "Unverified"))))


@hostile(ca_file=str(_TLS / "self_signed.pem"), certificate="good.pem", host=OWN, allow_private=[f"{OWN}/32"])
def tls_other_authority(place: Place) -> str:
    """A certificate that all others would trust, and this source was told not to."""
    return place.web.answer("/feed", feed(rss(item(None, "Distrusted"))))


def _behind(key: str, target: str, *script: object) -> None:
    """A source behind a proxy that answers like this, whatever it is asked for."""

    def install(place: Place) -> str:
        address = target.format(vault=place.forbidden(OWN), ear=place.ear)
        place.web.answer(address, *script)  # type: ignore[arg-type]  # steps of a script
        return address

    add(key, install, is_proxy=True)


_FED = feed(rss(item(None, "By proxy")))
_behind("proxy-to-vault", "{vault}", _FED)
_behind("proxy-to-metadata", "http://169.254.169.254/latest/", _FED)
_behind("proxy-redirects-to-vault", "http://127.7.0.2/feed", redirect(f"http://{OWN}/"))
_behind("proxy-of-junk", "http://127.7.0.2/feed", b"\x05\x00 SOCKS?\r\n\r\n", CLOSE)
_behind("proxy-wants-password", "http://127.7.0.2/feed", page(b"", 407))
_behind("proxy-hangs", "http://127.7.0.2/feed", HANG)
_behind("proxy-good", "http://127.7.0.2/feed", _FED)


@hostile(max_body="10 KB")
def own_small_limit(place: Place) -> str:
    """More than this source may give."""
    return place.web.respond("/feed", restless(rss(item(None, "long " * 10_000))))


@hostile(timeout="1 s")
def own_short_patience(place: Place) -> str:
    """Silence, where a second was given."""
    return place.web.answer("/feed", HANG)


@hostile(max_entries=3)
def own_few_entries(place: Place) -> str:
    """More entries than are wanted."""
    return place.web.answer("/feed", feed(rss(*(item(None, f"Number {n}") for n in range(500)))))


@hostile("page", links="h2 a", next="a.next", pages=3)
def next_for_ever(place: Place) -> str:
    """A listing that goes on page after page; three are read."""
    turn = count()

    def leaf(seen: Seen) -> bytes:
        number = 0 if seen.path == "/" else int(seen.path[2:])
        body = f"<h2><a href=/story{number}>A story on page {number}</a></h2><a class=next href=/?{number + 1}>next</a>"
        return page(
            f"<!doctype html><html><body>{body}<!-- {next(turn)} --></body></html>".encode(),
            content_type=HTML,
        )

    for number in range(10):
        place.web.respond(f"/?{number}", leaf)
    return place.web.respond("/", leaf)


@hostile("page", links="h2 a", next="a.next", pages=5)
def next_forbidden(place: Place) -> str:
    """A listing whose next page is nobody's business."""
    body = f"<h2><a href=/story>The only story</a></h2><a class=next href='{place.forbidden(OWN)}'>next</a>"
    return place.web.answer(
        "/", page(f"<!doctype html><html><body>{body}</body></html>".encode(), content_type=HTML)
    )


@hostile("page")
def structure_of_blocks(place: Place) -> str:
    """A page without a selector, full of blocks that all look like articles."""
    block = "<div class=b><h2><a href=/2026/11/{0}/a-story-of-some-kind>A story of some kind, number {0}</a></h2><p>And what it tells.</p></div>"
    blocks = "".join(block.format(n) for n in range(12_000))
    return place.web.answer(
        "/",
        page(f"<!doctype html><html><body><main>{blocks}</main></body></html>".encode(), content_type=HTML),
    )


@hostile("page")
def structure_forbidden(place: Place) -> str:
    """The same with links to where nobody may go."""
    rows = "".join(
        f"<div><h2><a href='{place.forbidden(host, f'/2026/11/a-story-of-{name}')}'>A long story from {name} and its people</a></h2></div>"
        for name, host in FORBIDDEN.items()
    )
    return place.web.answer(
        "/", page(f"<!doctype html><html><body><main>{rows}</main></body></html>".encode(), content_type=HTML)
    )


_WORDS = "The council met again and said that the harbour is to be dredged before the winter comes, and nothing else. "


@hostile("page", watch="text")
def text_that_churns(place: Place) -> str:
    """A page whose text is another one each time."""
    turn = count()

    def answer(_seen: Seen) -> bytes:
        text = f"<article><h1>Notice</h1><p>{_WORDS * 5}Visitor number {next(turn)}.</p></article>"
        return page(f"<!doctype html><html><body>{text}</body></html>".encode(), content_type=HTML)

    return place.web.respond("/", answer)


@hostile("page", watch="text")
def text_too_complex(place: Place) -> str:
    """A page that no parser comes to the end of."""
    names = b" ".join(b"a%d=1" % n for n in range(300_000))
    return place.web.answer(
        "/", page(b"<html><body><p " + names + b">hello</p></body></html>", content_type=HTML)
    )


@hostile("page", watch="text")
def text_endless(place: Place) -> str:
    """A page without an end."""
    return place.web.answer("/", head(content_type=HTML), Again(b"<p>endless " * 6000))


@hostile("search")
def search_wrapped(place: Place) -> str:
    """A search whose results lead, through the aggregator, to where nobody may go."""
    items = [
        item(place.web.url(f"/click?url={place.forbidden(host, '/found')}"), f"Found at {name}")
        for name, host in FORBIDDEN.items()
    ]
    place.web.answer("/search?q=zebrafinch", feed(rss(*items)))
    return place.web.url("/search?q={query}")
