"""Hostile sources below the content: addresses, redirects, protocols, TLS, cookies, robots.txt, pauses (N1 to N15)."""

from functools import cache
from itertools import count

from tests.hostile import CLOSE, HANG, Again, HostileWeb, bomb, chunked, head, page, redirect, trouble
from tests.hostile_registry import HTML, Place, add, by_turns, feed, hostile, item, rss

#: the vault and other places that are nobody's business, as an address may spell them
FORBIDDEN = {
    "loopback": "127.0.0.1",
    "name": "localhost",
    "name-dot": "localhost.",
    "short": "127.1",
    "decimal": "2130706433",
    "hex": "0x7f000001",
    "octal": "0177.0.0.1",
    "zero": "0",
    "any": "0.0.0.0",
    "mapped": "[::ffff:127.0.0.1]",
    "mapped-hex": "[::ffff:7f00:1]",
    "compatible": "[::127.0.0.1]",
    "six": "[::1]",
    "nat64": "[64:ff9b::7f00:1]",
    "sixtofour": "[2002:7f00:1::]",
    "full-width": "１２７.０.０.１",
    "other-loopback": "127.8.0.1",
    "metadata": "169.254.169.254",
    "metadata-decimal": "2852039166",
    "metadata-six": "[fd00:ec2::254]",
    "link-local-six": "[fe80::1]",
    "unique-local": "[fc00::1]",
    "ten": "10.1.2.3",
    "home": "192.168.1.1",
    "office": "172.16.0.1",
    "carrier": "100.64.0.1",
    "broadcast": "255.255.255.255",
    "multicast": "224.0.0.1",
}


#: those that stand in the configuration itself; every one of them stands in a redirect
STRAIGHT = ("loopback", "name", "short", "decimal", "hex", "mapped", "six", "metadata", "ten")


def _straight(host: str) -> None:
    add(f"at-{host}", lambda place: place.forbidden(FORBIDDEN[host]))


for _host in STRAIGHT:
    _straight(_host)


def _led(host: str, status: int) -> None:
    add(
        f"to-{host}",
        lambda place: place.web.answer("/feed", redirect(place.forbidden(FORBIDDEN[host]), status)),
    )


for _number, _host in enumerate(FORBIDDEN):
    if _host != "full-width":
        _led(_host, (301, 302, 303, 307, 308)[_number % 5])


@hostile()
def to_full_width(place: Place) -> str:
    where = place.forbidden(FORBIDDEN["full-width"])
    answer = f"HTTP/1.1 302 X\r\ncontent-length: 0\r\nlocation: {where}\r\n\r\n"
    return place.web.answer("/feed", answer.encode())


#: redirects to what is no address that is asked
_BAD_URLS = {
    "to-file-url": "file:///etc/passwd",
    "to-gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "to-data": "data:text/xml,<rss/>",
    "to-javascript": "javascript:alert(1)",
    "to-credentials": "http://user:password@127.0.0.1/",
    "to-mail-port": "http://127.7.0.2:25/",
    "to-backslash": "http://127.7.0.2\\@127.0.0.1/",
    "to-long": "/" + "x" * 5000,
    "to-bad-port": "http://127.7.0.2:99999/",
    "to-bad-six": "http://[::1/",
}


def _led_astray(key: str, where: str) -> None:
    add(key, lambda place: place.web.answer("/feed", redirect(where)))


for _key, _where in _BAD_URLS.items():
    _led_astray(_key, _where)


@hostile()
def redirect_at_last(place: Place) -> str:
    """Four honest hops, and then to the vault."""
    for hop in range(4):
        place.web.answer(f"/{hop}", redirect(f"/{hop + 1}"))
    place.web.answer("/4", redirect(place.forbidden("127.0.0.1")))
    return place.web.url("/0")


@hostile()
def redirect_ping_pong(place: Place) -> str:
    """Two addresses that lead to each other, by moves for good."""
    place.web.answer("/a", redirect("/b", 301))
    return place.web.answer("/b", redirect("/a", 308))


@hostile()
def redirect_grows(place: Place) -> str:
    """Each redirect leads one further."""
    for hop in range(400):
        place.web.answer(f"/{hop}", redirect(f"/{hop + 1}"))
    return place.web.url("/0")


@hostile()
def redirect_with_endless_body(place: Place) -> str:
    """The body of a redirect is nobody's business, however long."""
    place.web.answer("/there", feed(rss(item(None, "There"))))
    script = (head(302, location="/there"), Again(b"x" * 65536))
    return place.web.answer("/feed", *script)


@hostile()
def moved_for_ever(place: Place) -> str:
    """An honest 301 at every poll."""
    place.web.answer("/there", feed(rss(item(None, "There"))))
    return place.web.answer("/feed", redirect("/there", 301))


@hostile()
def meta_refresh(place: Place) -> str:
    """A page that sends browsers on; we are none."""
    body = (
        f"<html><head><meta http-equiv=refresh content='0;url={place.trap}'></head><body>Wait</body></html>"
    )
    return place.web.answer("/feed", page(body.encode(), content_type=HTML, refresh=f"0;url={place.trap}"))


@hostile()
def header_temptations(place: Place) -> str:
    """Headers that name other addresses: none is asked."""
    trap = place.trap
    return place.web.answer(
        "/feed",
        feed(
            rss(item(None, "Tempting")),
            link=f"<{trap}>; rel=preload, <{trap}>; rel=hub",
            content_location=trap,
            alt_svc=f'h2="{trap}"',
            refresh=f"0; url={trap}",
        ),
    )


@hostile()
def cookie_flood(place: Place) -> str:
    """Sixty cookies on the way."""
    jar = "".join(f"set-cookie: c{n}={'v' * 100}\r\n" for n in range(60))
    place.web.answer("/there", feed(rss(item(None, "There"))))
    return place.web.answer(
        "/feed", f"HTTP/1.1 302 X\r\nlocation: /there\r\ncontent-length: 0\r\n{jar}\r\n".encode()
    )


@hostile()
def cookie_treadmill(place: Place) -> str:
    """A new cookie at each hop of an endless walk."""
    turn = count()

    def step(_seen: object) -> bytes:
        number = next(turn)
        return redirect(f"/feed?{number}", set_cookie=f"c{number}=1; domain=127.0.0.1; path=/")

    for number in range(3000):
        place.web.respond(f"/feed?{number}", step)
    return place.web.respond("/feed", step)


@hostile()
def cookie_junk(place: Place) -> str:
    """Set-Cookie of every sort beside a good feed."""
    junk = [
        "=",
        ";;;",
        "a" * 5000,
        "a=b; expires=never",
        "a=b; max-age=99999999999999999999",
        "\xff=\xfe",
        "__Host-a=b",
    ]
    jar = "".join(f"set-cookie: {value}\r\n" for value in junk)
    body = rss(item(None, "Crumbs"))
    return place.web.answer(
        "/feed", f"HTTP/1.1 200 X\r\ncontent-length: {len(body)}\r\n{jar}\r\n".encode("latin-1") + body
    )


@hostile()
def ssh_banner(place: Place) -> str:
    return place.web.answer("/feed", b"SSH-2.0-OpenSSH_9.6\r\n", HANG)


@hostile()
def http2_preface(place: Place) -> str:
    return place.web.answer("/feed", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", CLOSE)


@hostile()
def huge_status(place: Place) -> str:
    return place.web.answer("/feed", b"HTTP/1.1 99999 What\r\n\r\n", CLOSE)


@hostile()
def huge_reason(place: Place) -> str:
    return place.web.answer("/feed", b"HTTP/1.1 200 " + b"O" * 1_000_000 + b"\r\n\r\n", CLOSE)


@hostile()
def huge_chunk_size(place: Place) -> str:
    script = (head(transfer_encoding="chunked"), b"f" * 300 + b"\r\n", CLOSE)
    return place.web.answer("/feed", *script)


@hostile()
def drip_between_chunks(place: Place) -> str:
    """A byte now and then, for ever, within any read timeout."""
    return place.web.answer("/feed", head(transfer_encoding="chunked"), Again(b"1\r\n<\r\n", 0.5))


@hostile()
def length_and_chunks(place: Place) -> str:
    """Two lengths that contradict each other: how requests are smuggled."""
    body = chunked(rss(item(None, "Smuggled")), content_length="3")
    return place.web.answer("/feed", body, CLOSE)


@hostile()
def second_answer_unasked(place: Place) -> str:
    """An answer to a request that was never made follows the right one."""
    good = feed(rss(item(None, "Right")))
    return place.web.answer("/feed", good + feed(rss(item(None, "Forged"))))


@cache
def _bomb() -> bytes:
    return bomb(256 << 20)


@hostile()
def bomb_in_layers(place: Place) -> str:
    """A gzip bomb in a feed's own bytes, without a word in the header."""
    return place.web.answer("/feed.gz", page(_bomb(), content_type="application/gzip"))


@hostile("sitemap")
def sitemap_bomb(place: Place) -> str:
    """The same as a packed sitemap, which the protocol allows."""
    return place.web.answer("/sitemap.xml.gz", page(_bomb(), content_type="application/gzip"))


#: the test certificates are for this address: these sources alone may reach it (N3), at their own ports
OWN = "127.0.0.1"


@hostile(host=OWN, certificate="expired.pem", allow_private=[f"{OWN}/32"])
def tls_expired(place: Place) -> str:
    return place.web.answer("/feed", feed(rss(item(None, "Stale"))))


@hostile(host=OWN, certificate="other_name.pem", allow_private=[f"{OWN}/32"])
def tls_other_name(place: Place) -> str:
    return place.web.answer("/feed", feed(rss(item(None, "Impostor"))))


@hostile(host=OWN, certificate="self_signed.pem", allow_private=[f"{OWN}/32"])
def tls_self_signed(place: Place) -> str:
    return place.web.answer("/feed", feed(rss(item(None, "Own word"))))


@hostile()
def tls_missing(place: Place) -> str:
    """An https address where nobody speaks TLS."""
    return place.web.answer("/feed", page()).replace("http:", "https:", 1)


@hostile()
def port_closed(place: Place) -> str:
    """Nobody listens."""
    return "http://127.7.0.9:4/feed"


@hostile()
def name_unknown(place: Place) -> str:
    """A name that nobody has (RFC 6761)."""
    return "http://nobody.invalid/feed"


def _retry_after(key: str, status: int, value: str, **headers: str) -> None:
    add(key, lambda place: place.web.answer("/feed", page(b"", status, retry_after=value, **headers)))


_LATER = "Fri, 31 Dec 2100 23:59:59 GMT"
_retry_after("wait-seconds", 429, "3600")
_retry_after("wait-date", 503, _LATER)
_retry_after("wait-relative", 429, "Wed, 01 Jan 2020 01:00:00 GMT", date="Wed, 01 Jan 2020 00:00:00 GMT")
_retry_after("wait-for-ever", 429, "9" * 400)
_retry_after("wait-negative", 503, "-5")
_retry_after("wait-junk", 429, "soon \xff")
_retry_after("wait-past", 503, "Thu, 01 Jan 1970 00:00:00 GMT")
_retry_after("wait-absurd-date", 503, "Fri, 99 Foo 99999 99:99:99 GMT")


def _status(key: str, status: int) -> None:
    add(key, lambda place: place.web.answer("/feed", page(b"<html>no</html>", status, content_type=HTML)))


for _number in (401, 403, 404, 410, 418, 451, 500, 502, 504, 204, 205, 300, 305):
    _status(f"status-{_number}", _number)


@hostile()
def turns_to_304(place: Place) -> str:
    """First a feed without validators, then "not modified" to who cannot have asked for it."""
    return place.web.respond("/feed", by_turns(feed(rss(item(None, "Once"))), last=(head(304),)))


@hostile()
def etag_frozen(place: Place) -> str:
    """An ETag that never changes, and 304 for ever, whatever happened."""
    first = feed(rss(item(None, "First")), etag='"frozen"')
    return place.web.respond("/feed", by_turns(first, last=(head(304, etag='"frozen"'),)))


@hostile()
def etag_restless(place: Place) -> str:
    """Another ETag each time, and the same bytes."""
    turn = count()
    return place.web.respond("/feed", lambda _: feed(rss(item(None, "Same")), etag=f'"{next(turn)}"'))


@hostile()
def validators_of_junk(place: Place) -> str:
    """Validators that cannot be sent back, or must not be."""
    answer = b"HTTP/1.1 200 X\r\netag: \xff\xfe" + b"e" * 20_000 + b"\r\nlast-modified: \x80 never\r\n"
    body = rss(item(None, "Junk"))
    return place.web.answer("/feed", answer + b"content-length: %d\r\n\r\n" % len(body) + body)


def _with_robots(key: str, *script: object) -> None:
    """A good feed whose page stands behind a robots.txt of this sort."""

    def install(place: Place) -> str:
        steps = [step(place) if callable(step) else step for step in script]
        place.web.answer("/robots.txt", *steps)  # type: ignore[arg-type]  # steps of a script
        body = b"<html><body><article><p>%s</p></article></body></html>" % (b"The page itself. " * 40)
        link = place.web.answer("/page", page(body, content_type=HTML))
        return place.web.answer("/feed", feed(rss(item(link, f"Behind {key}"))))

    add(key, install)


_with_robots("robots-hangs", HANG)
_with_robots("robots-drips", head(), Again(b"#", 0.1))
_with_robots("robots-500", page(b"", 500))
_with_robots("robots-429", page(b"", 429, retry_after="86400"))
_with_robots("robots-endless", head(), Again(b"User-agent: newsbot\nDisallow: /nothing\n" * 500))
_with_robots("robots-huge", page(b"User-agent: *\n" + b"Disallow: /*a*b*c*d*e*f*g*h$\n" * 450_000))
_with_robots("robots-wildcards", page(b"User-agent: *\nDisallow: /" + b"*a" * 2000 + b"$\n"))
_with_robots("robots-bomb", lambda _: page(_bomb(), content_encoding="gzip"))
_with_robots("robots-forbids", page(b"User-agent: *\nDisallow: /\n"))
_with_robots("robots-slow-down", page(b"User-agent: *\nCrawl-delay: 99999999999999999999\n"))
_with_robots("robots-loop", redirect("/robots.txt"))
_with_robots("robots-to-vault", lambda place: redirect(place.forbidden("127.0.0.1", "/robots.txt")))
_with_robots("robots-html", page(b"<html>User-agent: *\nDisallow: /</html>", content_type=HTML))
_with_robots("robots-zeros", page(bytes(500_000)))


#: the misbehaviour that the fetch room is tested with, each as a source; made once, for its bombs take time
_TEMPLATE = HostileWeb()
_TEMPLATE.port = 0
TROUBLE = trouble(_TEMPLATE)


def _misbehave(path: str) -> None:
    def install(place: Place) -> str:
        place.web._routes.update(_TEMPLATE._routes)
        return place.web.url(path)

    add(f"trouble-{path[1:].replace('/', '-')}", install)


for _path in TROUBLE:
    _misbehave(_path)
