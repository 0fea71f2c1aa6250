"""The digest as plain text: the second part of the mail, what the terminal shows, and the file channel.

It says all that the HTML says. Lines have at most 78 columns (RFC 5322 §2.1.1); addresses stand on
lines of their own and are never broken, since a broken address is a dead one.
"""

import unicodedata
from collections.abc import Iterator

from bot.deliver import wording
from bot.deliver.view import DigestView, StoryView, WatchView

WIDTH = 78


def draw(shown: DigestView) -> str:
    """Return the text of a view, with a newline at its end."""
    return "\n".join([*_head(shown), *_watches(shown), *_foot(shown)]) + "\n"


def wrap(text: str, *, first: str = "", indent: str = "") -> list[str]:
    """Return the text in lines of at most 78 columns; wide (East Asian) characters count two.

    The first line begins with ``first``, the others with ``indent``. A word that is too long for a
    line is broken, which is also how scripts without blanks are wrapped.
    """
    lines: list[str] = []
    line, blank = first, ""
    room = WIDTH - max(columns(first), columns(indent))
    for word in text.split():
        width = columns(word)
        if blank and columns(line) + 1 + width > WIDTH:
            lines.append(line)
            line, blank = indent, ""
        for number, piece in enumerate(_pieces(word, room) if width > room else (word,)):
            if number:
                lines.append(line)
                line, blank = indent, ""
            line, blank = f"{line}{blank}{piece}", " "
    return [*lines, line]


def _pieces(word: str, room: int) -> Iterator[str]:
    """Yield the word, or as many pieces of it as it takes to fit."""
    piece, used = "", 0
    for char in word:
        width = columns(char)
        if used + width > room:
            yield piece
            piece, used = "", 0
        piece, used = piece + char, used + width
    yield piece


def columns(text: str) -> int:
    """Return how many columns a terminal gives a text."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1
        for char in text
    )


def _head(shown: DigestView) -> Iterator[str]:
    yield from wrap(shown.name.upper())
    yield from wrap(shown.period)
    yield ""
    if shown.calm:
        yield from wrap(shown.calm)
    else:
        counts = (
            wording.counted(shown.mentions, "mention"),
            wording.counted(shown.stories, "story"),
            wording.counted(shown.outlets, "outlet"),
        )
        yield "{} in {} from {}".format(*counts)
        if shown.change:
            yield f"{shown.change} against the {len(shown.days)}-day mean of {shown.mean} a day"
    if shown.bars:
        yield f"{wording.sparkline(shown.days)}  {shown.first_day} to today"
    yield ""


def _watches(shown: DigestView) -> Iterator[str]:
    for watch in shown.watches:
        yield "-" * WIDTH
        counts = f"{watch.mentions} · {watch.outlets}{f' · {watch.change}' if watch.change else ''}"
        yield from wrap(f"{watch.name}: {counts}")
        if watch.description:
            yield from wrap(watch.description)
        yield "-" * WIDTH
        yield ""
        for story in watch.stories:
            yield from _story(story)
            yield ""
        yield from _more(watch)


def _story(story: StoryView) -> Iterator[str]:
    yield from wrap(story.title, first="* ", indent="  ")
    facts = [story.outlet, story.when]
    facts += [story.badge] if story.badge else []
    facts += [f"{story.outlets} outlets"] if story.outlets > 1 else []
    yield from wrap(" · ".join(facts), first="  ", indent="  ")
    if story.url:
        yield f"  {story.url}"
    if not story.full:
        return
    if story.snippet:
        yield ""
        marked = "".join(
            f"*{piece.strip()}*" if hit and piece.strip() else piece for piece, hit in story.snippet
        )
        yield from wrap(marked, first="  ", indent="  ")
    yield ""
    if story.why:
        matched = ", ".join(f"{term} ({where})" for term, where in story.why)
        yield from wrap(f"Matched {matched}", first="  ", indent="  ")
    if story.also:
        more = f" and {story.also_more} more" if story.also_more else ""
        names = ", ".join(name for name, _ in story.also)
        yield from wrap(f"Also in {names}{more}", first="  ", indent="  ")
    if story.mention_url:
        yield "  Wrong match?"
        yield f"  {story.mention_url}"
    elif story.mention is not None:
        yield f"  Why, and is it wrong? newsbot explain {story.mention}"


def _more(watch: WatchView) -> Iterator[str]:
    if not watch.more:
        return
    yield from wrap(
        f"and {watch.more:,} more{':' if watch.url else f': newsbot mentions --watch {watch.key}'}"
    )
    if watch.url:
        yield watch.url
    yield ""


def _foot(shown: DigestView) -> Iterator[str]:
    yield "-" * WIDTH
    if shown.unseen:
        yield from wrap("Also new: " + ", ".join(f"{name} ({count})" for name, count in shown.unseen))
        yield ""
    if shown.quiet:
        more = f" and {shown.quiet_more} more" if shown.quiet_more else ""
        yield from wrap("Nothing new: " + ", ".join(f"{name} ({last})" for name, last in shown.quiet) + more)
        yield ""
    if shown.troubles:
        need = "source needs" if shown.trouble_count == 1 else "sources need"
        yield f"{shown.trouble_count:,} {need} a look:"
        for trouble in shown.troubles:
            yield from wrap(trouble.text, first="- ", indent="  ")
            if trouble.advice:
                advice = "".join(f"`{piece}`" if code else piece for piece, code in trouble.advice)
                yield from wrap(advice, first="  → ", indent="    ")
        if shown.trouble_count > len(shown.troubles):
            yield f"- and {shown.trouble_count - len(shown.troubles)} more"
        yield ""
    yield from _also_of_sources(shown)
    yield from wrap(f"{shown.coverage}.")
    if shown.web_url:
        yield f"{shown.web_url}/mentions?digest={shown.id}"
    yield ""
    yield from wrap(shown.schedule)
    # RFC 3676 §4.3: what stands below is a signature
    yield "-- "
    yield f"Newsbot, {shown.id}"


def _also_of_sources(shown: DigestView) -> Iterator[str]:
    """Yield what else happened to sources, each paragraph with a blank line behind it."""
    if shown.recovered:
        more = f" and {shown.recovered_more:,} more" if shown.recovered_more else ""
        names = ", ".join(f"{name} ({what})" for name, what in shown.recovered)
        yield from wrap(f"Well again: {names}{more}")
        yield ""
    if shown.floods:
        for line in shown.floods:
            yield from wrap(line, indent="  ")
        if shown.floods_more:
            yield f"and {wording.counted(shown.floods_more, 'source')} more"
        yield ""
    if shown.outage:
        yield from wrap(shown.outage)
        yield ""
