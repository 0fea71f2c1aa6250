"""Whether a page lets its readers keep a copy."""

import pytest

from bot.parse import article

TEXT = "<p>The harbour council voted on Tuesday to rebuild the northern pier after the winter storm.</p>"


def archivable(meta: str = "", **headers: str) -> bool:
    html = f"<html><head><title>Pier</title>{meta}</head><body>{TEXT}</body></html>"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return article.extract(html, "https://gazette.example/pier", headers=given).archivable


@pytest.mark.parametrize(
    "meta",
    [
        "<meta name=robots content=noarchive>",
        "<meta name=ROBOTS content='index, NoArchive'>",
        "<meta name=newsbot content=none>",
        "<meta name=robots content=index><meta name=newsbot content='follow;noarchive'>",
    ],
)
def test_a_page_may_refuse(meta: str) -> None:
    assert not archivable(meta)


@pytest.mark.parametrize(
    "meta",
    [
        "",
        "<meta name=robots content='index, follow'>",
        "<meta name=otherbot content=noarchive>",
        "<meta name=description content=noarchive>",
        "<meta name=robots>",
    ],
)
def test_others_do_not(meta: str) -> None:
    assert archivable(meta)


@pytest.mark.parametrize(
    ("header", "kept"),
    [
        ("noarchive", False),
        ("noindex, NOARCHIVE", False),
        ("newsbot: none", False),
        ("otherbot: noarchive", True),
        ("otherbot: noindex, noarchive", True),
        ("otherbot: noindex, newsbot: noarchive", False),
        ("unavailable_after: 25 Jun 2030, noarchive", False),
        ("index", True),
        ("", True),
    ],
)
def test_so_may_its_server(header: str, kept: bool) -> None:
    assert archivable(X_Robots_Tag=header) is kept
