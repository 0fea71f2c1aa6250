"""What each source of the hostile world must come to: the defence it tries, its failure and its words.

The one table that the tests of ``newsbot run`` and ``newsbot once`` share. The words must stand in what the
program says of the failure: they name the host, the address, the setting.
"""

from dataclasses import dataclass

from tests.hostile_network import FORBIDDEN, STRAIGHT, TROUBLE


@dataclass(frozen=True)
class Expected:
    """What becomes of a source."""

    #: of defences.md
    rows: str
    #: the failure of the source, one of several divided by |; None where it is read
    kind: str | None = None
    #: in what is said of it
    words: tuple[str, ...] = ()
    #: titles of entries that must be stored, and how many there may be at most
    titles: tuple[str, ...] = ()
    most: int | None = None
    #: the failure of its page; None: not looked at, "": the page is read
    page: str | None = None
    #: a source that was good at first: only its later polls fail
    at_first_good: bool = False


def fails(rows: str, kind: str, *words: str) -> Expected:
    """A source that cannot be read."""
    return Expected(rows, kind, words)


def reads(rows: str, *titles: str, most: int | None = None, page: str | None = None) -> Expected:
    """A source that is read all the same."""
    return Expected(rows, titles=titles, most=most, page=page)


def turns(rows: str, kind: str, *titles: str, words: tuple[str, ...] = ()) -> Expected:
    """A source that was good, and fails; what it listed stays."""
    return Expected(rows, kind, words, titles=titles, most=len(titles), at_first_good=True)


_ALLOW = "allow_private: ["
#: how a spelling of an address is told; its own host, where nothing stands here
_TOLD = {
    "name": "localhost is ",
    "short": "127.0.0.1",
    "decimal": "127.0.0.1",
    "hex": "127.0.0.1",
    "octal": "127.0.0.1",
    "zero": "0.0.0.0",
    "mapped": "::ffff:127.0.0.1",
    "mapped-hex": "::ffff:7f00:1",
    "compatible": "::127.0.0.1",
    "full-width": "127.0.0.1",
    "metadata-decimal": "169.254.169.254",
}


def _refused(rows: str, host: str, *more: str) -> Expected:
    return fails(rows, "refused_address", _TOLD.get(host, FORBIDDEN[host].strip("[]")), _ALLOW, *more)


EXPECTED: dict[str, Expected] = {
    **{f"at-{host}": _refused("N1", host) for host in STRAIGHT},
    **{f"to-{host}": _refused("N1 N6", host, "redirected to http://") for host in FORBIDDEN},
    # the resolver knows no localhost with a dot
    "to-name-dot": fails("N1", "dns", "localhost."),
    # N5: what is no address that is asked
    "to-file-url": fails("N5", "bad_url", "file:///etc/passwd", "only http and https"),
    "to-gopher": fails("N5", "bad_url", "only http and https"),
    "to-data": fails("N5", "bad_url", "only http and https"),
    "to-javascript": fails("N5", "bad_url", "only http and https"),
    "to-credentials": fails("N5", "bad_url", "credentials in an address are not used"),
    "to-mail-port": fails("N5", "bad_url", "port 25"),
    "to-backslash": fails("N5", "bad_url", "backslash"),
    "to-long": fails("N5", "bad_url", "longer than 4096"),
    "to-bad-port": fails("N5", "bad_url", "no address"),
    "to-bad-six": fails("N5", "bad_url", "no address"),
    # N6
    "redirect-at-last": _refused("N1 N6", "loopback"),
    "redirect-ping-pong": fails("N6", "redirects", "more than 5 redirects"),
    "redirect-grows": fails("N6", "redirects", "more than 5 redirects"),
    "redirect-with-endless-body": reads("N6", "There"),
    "moved-for-ever": reads("N6", "There"),
    "meta-refresh": fails("N6 P7", "not_a_feed", "an HTML page"),
    "header-temptations": reads("N6", "Tempting"),
    # N13
    "cookie-flood": fails("N13", "redirects", "more than 50 cookies"),
    "cookie-treadmill": fails("N13", "redirects", "more than 5 redirects"),
    "cookie-junk": reads("N13", "Crumbs"),
    # N8 to N11
    "ssh-banner": fails("N11", "protocol", "no valid HTTP"),
    "http2-preface": fails("N11", "protocol", "no valid HTTP"),
    "huge-status": fails("N11", "protocol", "no valid HTTP"),
    "huge-reason": fails("N11", "protocol", "header"),
    "huge-chunk-size": fails("N11", "protocol", "no valid HTTP"),
    "drip-between-chunks": fails("N10", "timeout", "took longer than"),
    "length-and-chunks": reads("N11", "Smuggled"),
    "second-answer-unasked": reads("N11", "Right", most=1),
    "bomb-in-layers": fails("N8", "empty|not_a_feed"),
    "sitemap-bomb": fails("N8", "empty|not_a_feed"),
    # N12
    "tls-expired": fails("N12", "tls", "expired"),
    "tls-other-name": fails("N12", "tls", "another address"),
    "tls-self-signed": fails("N12", "tls", "self-signed"),
    "tls-missing": fails("N12", "tls", "does not speak TLS"),
    "port-closed": fails("N11", "connect", "refused"),
    "name-unknown": fails("N11", "dns", "nobody.invalid"),
    # N15
    "wait-seconds": fails("N15", "rate_limited", "429"),
    "wait-date": fails("N15", "server_error", "503"),
    "wait-relative": fails("N15", "rate_limited", "429"),
    "wait-for-ever": fails("N15", "rate_limited", "429"),
    "wait-negative": fails("N15", "server_error", "503"),
    "wait-junk": fails("N15", "rate_limited", "429"),
    "wait-past": fails("N15", "server_error", "503"),
    "wait-absurd-date": fails("N15", "server_error", "503"),
    "status-401": fails("E36", "unauthorised", "401"),
    "status-403": fails("E36", "forbidden", "403"),
    "status-404": fails("E33", "not_found", "404"),
    "status-410": fails("E34", "gone", "410"),
    "status-418": fails("E35", "http_status", "418"),
    "status-451": fails("E35", "http_status", "451"),
    "status-500": fails("E35", "server_error", "500"),
    "status-502": fails("E35", "server_error", "502"),
    "status-504": fails("E35", "server_error", "504"),
    "status-204": fails("P7", "empty", "empty"),
    "status-205": fails("P7", "not_a_feed", "HTML"),
    "status-300": fails("N6", "http_status", "300"),
    "status-305": fails("N6", "http_status", "305"),
    # E42, E43: validators
    "turns-to-304": turns("E43", "protocol", "Once", words=("not modified",)),
    "etag-frozen": reads("E42", "First", most=1),
    "etag-restless": reads("E42", "Same", most=1),
    "validators-of-junk": reads("E42", "Junk", most=1),
    # N14: the feed is read whatever robots.txt is, its page is not
    "robots-hangs": reads("N14", "Behind robots-hangs", page="robots"),
    "robots-drips": reads("N14", "Behind robots-drips", page="robots"),
    "robots-500": reads("N14", "Behind robots-500", page="robots"),
    "robots-429": reads("N14", "Behind robots-429", page=""),
    "robots-endless": reads("N14", "Behind robots-endless", page=""),
    "robots-huge": reads("N14", "Behind robots-huge"),
    "robots-wildcards": reads("N14", "Behind robots-wildcards", page=""),
    "robots-bomb": reads("N14", "Behind robots-bomb", page=""),
    "robots-forbids": reads("N14", "Behind robots-forbids", page="robots"),
    "robots-slow-down": reads("N14", "Behind robots-slow-down"),
    "robots-loop": reads("N14", "Behind robots-loop", page=""),
    "robots-to-vault": reads("N14 N1", "Behind robots-to-vault", page="robots"),
    "robots-html": reads("N14", "Behind robots-html", page=""),
    "robots-zeros": reads("N14", "Behind robots-zeros", page=""),
    # P2, P3
    "billion-laughs": reads("P2", "&l9;", most=1),
    "quadratic-blowup": reads("P2", most=1),
    "sitemap-laughs": reads("P2", most=1),
    "entity-file": reads("P3", "Before &x; after", most=1),
    "entity-passwd": reads("P3", "Before &x; after", most=1),
    "entity-network": reads("P3", "Before &x; after", most=1),
    "entity-parameter": reads("P3", "Before after", most=1),
    "doctype-network": reads("P3", "Before &x; after", most=1),
    "stylesheet-network": reads("P3", "Before after", most=1),
    "include-network": reads("P3", "Included", most=1),
    # P1
    "deep-nesting": reads("P1", "Deep"),
    "deep-and-closed": reads("P1", "Deep"),
    "deep-content": reads("P1", "Deep"),
    "many-attributes": reads("P1", "Wide"),
    "many-namespaces": reads("P1", "Spaces"),
    "many-authors": reads("P1", "Crowd"),
    "unclosed": reads("P1 P6", "Open 0", most=2000),
    "comments": reads("P1", "Chatty"),
    "cdata-storm": reads("P1", most=1),
    "ampersands": fails("P1", "not_a_feed", "cut off"),
    "json-deep": fails("P1", "not_a_feed", "JSON"),
    "json-huge-number": reads("P1", most=1),
    "json-of-junk": fails("P7", "not_a_feed", "JSON"),
    "json-next": reads("N1", "One", most=1),
    # P4, P5
    "feed-of-death": reads("P4", "Still alive", most=2),
    "raw-controls": reads("P4", "Still alive", most=2),
    "raw-surrogates": reads("P4", "Still alive", most=2),
    "zalgo": reads("P4", most=1),
    "long-word": reads("P4", "w" * 500, most=1),
    "says-utf7": reads("P5", "+ADw-script+AD4-", most=1),
    **{
        f"charset-{codec}": reads("P5", "Grüße aus 東京", most=1)
        for codec in ("unicode-escape", "base64", "idna", "rot13", "zlib", "mbcs", "utf-7", "undefined", "x" * 20)
    },
    "utf16-bare": reads("P5", "Sixteen"),
    "utf32": reads("P5", "Thirty-two"),
    "latin-as-utf8": reads("P5", "Grüße"),
    # P6
    "fifty-thousand": reads("P6", "Entry 0", "Entry 1999", most=2000),
    "one-title": reads("P6", most=1),
    "ten-megabytes": fails("N9", "too_large", "larger than 5,242,880 bytes"),
    "one-summary": reads("P6", "Long", most=1),
    "one-link": reads("P6", "Linked", most=1),
    "one-guid": reads("P6", "Named", most=1),
    "many-links": reads("P6", "Linked", most=1),
    "many-alternates": fails("P6 P7", "not_a_feed", "HTML"),
    # P7
    "parked": fails("P7", "not_a_feed", "HTML"),
    "empty-body": fails("P7", "empty", "empty"),
    "blank-body": fails("P7", "empty", "empty"),
    "zeros": fails("P7", "empty|not_a_feed"),
    "pdf": fails("P7", "not_a_feed", "%PDF"),
    "zip": fails("P7", "not_a_feed"),
    "exe": fails("P7", "not_a_feed"),
    "json-scalar": fails("P7", "not_a_feed", "42"),
    "plain-text": fails("P7", "not_a_feed", "Hello"),
    "valid-and-empty": reads("P7", most=0),
    **{
        f"turns-to-{what}": turns("P7 E41", kind, f"turns-to-{what} was good 1", f"turns-to-{what} was good 2")
        for what, kind in {
            "html": "not_a_feed",
            "parked": "not_a_feed",
            "nothing": "empty",
            "junk": "not_a_feed",
            "403": "forbidden",
            "410": "gone",
        }.items()
    },
    "turns-to-deep": reads("P1", "Deep", most=3),
    "offers-forbidden": fails("N1 P7", "not_a_feed", "HTML"),
    "children-forbidden": fails("N1", "refused_address|not_a_feed", "localhost is ", _ALLOW),
    "children-of-itself": fails("P6", "not_found|not_a_feed", "sitemap.xml?"),
    "million-links": reads("P6", "Link 0", most=2000),
    "selector-trap": reads("P1", most=1),
    "links-forbidden": reads("N1", "A story from metadata", page="robots"),
    "entries-forbidden": reads("N1", "A story from metadata", page="robots"),
    # P8
    "links-of-junk": reads("P8", "Link number 0", most=19),
    "base-of-junk": reads("P8", "Based", most=1),
    "dates-of-junk": reads("F51", "Dated 0", most=12),
    "entries-of-nothing": reads("F50", most=200),
    "same-guid": reads("F50", "Colliding 0", "Colliding 199", most=200),
    # F48, F49: what changes at each poll is one story
    "guid-churn": reads("F48", "Stable story 0", most=20),
    "link-churn": reads("F48", "Stable tale 0", most=20),
    "title-churn": reads("F48", "Edit 0 of 0", most=20),
    "order-churn": reads("F48", "Shuffled 0", most=20),
    "all-churns": reads("F48", "Fresh 0 0"),
    "flood": reads("F49", "Flooded 0"),
    **{
        f"trouble-{path[1:].replace('/', '-')}": fails("N8 N9 N10 N11", kind.value)
        for path, kind in TROUBLE.items()
    },
    # N7: secrets go to their own server
    "secret-header": reads("N7", "Heard"),
    "secret-cookie": reads("N7", "Heard"),
    "secret-password": reads("N7", "Heard"),
    "secret-pages": reads("N7", "Overheard"),
    "secret-downgrade": fails("N7", "redirects", "leads away from https", "credentials"),
    # N3, N12: what one source was allowed
    "tls-good": reads("N3 N12", "Trusted"),
    "tls-unverified": reads("N3 N12", "Unverified"),
    "tls-other-authority": fails("N12", "tls", "certificate"),
    # N4
    "proxy-to-vault": fails("N4", "refused_address", "127.0.0.1"),
    "proxy-to-metadata": fails("N4", "refused_address", "169.254.169.254"),
    "proxy-redirects-to-vault": fails("N4 N6", "refused_address", "127.0.0.1"),
    "proxy-of-junk": fails("N4 N11", "protocol", "proxy"),
    "proxy-wants-password": fails("N4", "unauthorised|forbidden|connect|http_status", "proxy"),
    "proxy-hangs": fails("N4 N10", "timeout", "proxy"),
    "proxy-good": reads("N4", "By proxy"),
    # limits of one source
    "own-small-limit": fails("N9", "too_large", "larger than 10,"),
    "own-short-patience": fails("N10", "timeout", "longer than 1 s"),
    "own-few-entries": reads("P6", "Number 0", most=3),
    "next-for-ever": reads("P6", "A story on page 0", "A story on page 2", most=3),
    "next-forbidden": reads("N1", "The only story", most=1),
    "structure-of-blocks": reads("P1 P6", "A story of some kind, number 0", most=2000),
    "structure-forbidden": reads("N1", most=len(FORBIDDEN)),
    "text-that-churns": reads("F48", most=1),
    "text-too-complex": fails("P1", "too_complex", "too complex"),
    "text-endless": fails("N9", "too_large", "larger than"),
    "search-wrapped": reads("N1", "Found at metadata", most=len(FORBIDDEN)),
    # pages that are read
    **{
        f"page-{what}": reads("P1", f"A story on page-{what}", most=1, page="")
        for what in (
            "one-paragraph", "tables", "nested-bold", "short-paragraphs", "links", "ampersands",
            "dates", "metas", "times", "spans", "json-deep", "json-many", "json-quotes", "json-types", "comments", "prose",
            "leads-everywhere", "controls", "script",
        )
    },
    # pages that hold nothing, or too much: whatever is made of them, the story is told from its feed
    **{
        f"page-{what}": reads("P1 P4 P5", f"A story on page-{what}", most=1)
        for what in (
            "lists", "breaks", "nested-tables", "nested-boxes", "attributes", "angles", "blanks", "forms", "svg", "frames", "utf7", "entity",
        )
    },
    **{
        f"page-{what}": reads(rows, f"A story on page-{what}", most=1, page=kind)
        for what, rows, kind in (
            ("redirects-home", "E41", "not_found"),
            ("redirects-to-vault", "N1", "refused_address"),
            ("redirects-to-metadata", "N1", "refused_address"),
            ("consent", "E41", "not_found"),
            ("pdf", "P7", "not_a_page"),
            ("zip", "P7", "not_a_page"),
            ("video", "P7", "not_a_page"),
            ("zeros", "P7", "not_a_page"),
            ("noise", "P7", "not_a_page"),
            ("empty", "P7", "empty"),
            ("json", "P7", "not_a_page"),
            ("is-feed", "P7", "not_a_page"),
            ("hangs", "N10", "timeout"),
            ("drips", "N10", "timeout"),
            ("endless", "N9", "too_large"),
            ("bomb", "N8", "too_large"),
            ("cut", "N11", "reset"),
            ("500", "E35", "server_error"),
            ("403", "E36", "forbidden"),
            ("410", "E34", "gone"),
            ("304", "E43", "protocol"),
            ("429", "N15", "rate_limited"),
        )
    },
}  # fmt: skip
