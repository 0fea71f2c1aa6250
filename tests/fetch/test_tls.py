"""Whose certificates are believed, source by source (N12)."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import FailureKind, FetchError
from bot.fetch import Fetcher, HostPacer, Terms, terms_of
from bot.fetch.policy import Policy
from bot.fetch.tls import Trust
from bot.model import Access, Page
from tests.build import a_source
from tests.fetch.conftest import TLS, named, speaking
from tests.hostile import HostileWeb, page, redirect

AUTHORITY = str(TLS / "authority.pem")


def of(**source: object) -> Terms:
    return terms_of(a_source(allow_private=("127.0.0.0/8",), **source), Access())


@pytest.fixture
async def fetcher(pacer: HostPacer) -> AsyncIterator[Fetcher]:
    """With the machine's own authorities; every name is 127.0.0.1."""
    made, _ = named(pacer, ["127.0.0.1"])
    yield made
    await made.aclose()


async def fault(fetcher: Fetcher, url: str, terms: Terms) -> FetchError:
    with pytest.raises(FetchError) as caught:
        await fetcher.get(url, terms=terms)
    return caught.value


async def test_a_source_may_trust_an_authority_of_its_own(fetcher: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as web:
        web.answer("/a", page(b"x"))
        url = web.url("/a", host="site.test")
        assert isinstance(await fetcher.get(url, terms=of(ca_file=AUTHORITY)), Page)
        assert (await fault(fetcher, url, of())).kind is FailureKind.TLS


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ("expired", "has expired"),
        ("self_signed", "is self-signed"),
        ("other_name", "is for another name than site.test"),
    ],
)
async def test_an_authority_of_its_own_excuses_nothing_else(
    fetcher: Fetcher, certificate: str, words: str
) -> None:
    async with HostileWeb(tls=speaking(certificate)) as web:
        error = await fault(fetcher, web.url("/a", host="site.test"), of(ca_file=AUTHORITY))
        assert error.kind is FailureKind.TLS
        assert words in error.message
        assert not web.seen


@pytest.mark.parametrize("certificate", ["good", "expired", "self_signed", "other_name"])
async def test_where_nothing_is_verified_any_certificate_will_do(fetcher: Fetcher, certificate: str) -> None:
    """And for that source alone."""
    async with HostileWeb(tls=speaking(certificate)) as web:
        web.answer("/a", page(b"x"))
        url = web.url("/a", host="site.test")
        assert isinstance(await fetcher.get(url, terms=of(tls_verify=False)), Page)
        assert (await fault(fetcher, url, of())).kind is FailureKind.TLS
        assert len(web.seen) == 1


async def test_a_connection_that_was_not_verified_is_lent_to_nobody(fetcher: Fetcher) -> None:
    """The kept connection of one source would be a way round the check of another."""
    async with HostileWeb(tls=speaking("good")) as web:
        web.answer("/a", page(b"x"))
        url = web.url("/a", host="site.test")
        for terms in (of(tls_verify=False), of(ca_file=AUTHORITY)) * 2:
            await fetcher.get(url, terms=terms)
        assert [seen.connection for seen in web.seen] == [1, 2, 1, 2]


async def test_a_redirect_keeps_the_trust_of_its_source(web: HostileWeb, fetcher: Fetcher) -> None:
    async with HostileWeb(tls=speaking("good")) as secure:
        secure.answer("/b", page(b"x"))
        url = web.answer("/a", redirect(secure.url("/b", host="site.test")))
        assert isinstance(await fetcher.get(url, terms=of(ca_file=AUTHORITY)), Page)
        assert "authority that nobody here knows" in (await fault(fetcher, url, of())).message


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "No such file"),
        (b"", "no certificates in PEM form"),
        (b"junk", "no certificates in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificates in PEM form"),
    ],
)
async def test_a_file_that_cannot_be_used_is_named(
    fetcher: Fetcher, tmp_path: Path, content: bytes | None, words: str
) -> None:
    """And used as soon as it can be."""
    path = tmp_path / "authority.pem"
    if content is not None:
        path.write_bytes(content)
    async with HostileWeb(tls=speaking("good")) as web:
        web.answer("/a", page(b"x"))
        url = web.url("/a", host="site.test")
        error = await fault(fetcher, url, of(ca_file=str(path)))
        assert error.kind is FailureKind.TLS
        assert words in error.message
        assert str(path) in error.message
        path.write_bytes((TLS / "authority.pem").read_bytes())
        assert isinstance(await fetcher.get(url, terms=of(ca_file=str(path))), Page)


def test_a_context_is_made_once_for_each_trust() -> None:
    trust = Trust()
    plain, own = Policy(), Policy(ca_file=AUTHORITY)
    assert trust.context(plain, subject="") is trust.context(
        Policy(allow_private=("10.0.0.0/8",)), subject=""
    )
    assert trust.context(own, subject="") is trust.context(own, subject="")
    unchecked = Policy(tls_verify=False, ca_file=AUTHORITY)
    assert len({id(trust.context(policy, subject="")) for policy in (plain, own, unchecked)}) == 3
    assert trust.for_proxy(unchecked, subject="") is trust.context(own, subject="")
