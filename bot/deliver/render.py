"""A digest as HTML and as plain text, for every transport that sends either.

Pure but for reading its own templates. No value of a digest reaches the HTML unescaped, nothing is
loaded from elsewhere when it is opened, and links change nothing when a scanner follows them.
"""

from functools import cache, partial

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.deliver.plain import draw
from bot.deliver.view import Cut, largest, view
from bot.model import Digest

#: Gmail clips a mail at 102 KB, and the end of a clipped mail is where the coverage stands.
MOST_HTML_BYTES = 95_000
#: Beside the names of watches; each tells from the others with the common colour blindnesses.
_COLOURS = ("#2563eb", "#0f766e", "#b45309", "#7c3aed", "#be185d", "#4d7c0f")
#: Keeps a mail program from showing the first words of the mail behind the preheader.
_FILLER = "\u2007\ufeff\u034f " * 24


def html(digest: Digest, *, most_bytes: int = MOST_HTML_BYTES) -> str:
    """Return the digest as one HTML document for mail, styles inlined, shorter than ``most_bytes``.

    Where it is too long, excerpts of the last stories go first, then stories (``and 9,900 more``).
    """
    return largest(digest, partial(_html, digest), lambda drawn: len(drawn.encode()) < most_bytes)


def text(digest: Digest, *, most_bytes: int | None = None) -> str:
    """Return the digest as plain text of at most 78 columns; only an address may be longer.

    ``most_bytes`` cuts it as in ``html``; None cuts nothing.
    """
    if most_bytes is None:
        return draw(view(digest))
    return largest(
        digest, lambda cut: draw(view(digest, cut)), lambda drawn: len(drawn.encode()) < most_bytes
    )


def _html(digest: Digest, cut: Cut) -> str:
    shown = view(digest, cut)
    figures = (
        (shown.mentions, "mention" if shown.mentions == 1 else "mentions"),
        (shown.stories, "story" if shown.stories == 1 else "stories"),
        (shown.outlets, "outlet" if shown.outlets == 1 else "outlets"),
    )
    page = _template().render(
        d=shown,
        figures=figures,
        colours=_COLOURS,
        filler=_FILLER,
        css=_own("digest.css"),
        media_css=_own("media.css"),
    )
    return _inliner().inline(page)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("bot.deliver"),
        # `select_autoescape()` leaves names that end in .j2 unescaped
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _template() -> Template:
    return _environment().get_template("digest.html.j2")


@cache
def _own(name: str) -> Markup:
    """Return one of our style sheets; the only text that enters the page as it is."""
    return Markup(_environment().get_template(name).render())  # noqa: S704


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(load_remote_stylesheets=False, minify_css=True)
