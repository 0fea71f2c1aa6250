"""The digest as a Slack message: Block Kit, within all its limits.

Titles and excerpts are strangers' words: ``&``, ``<`` and ``>`` become entities, so nothing can call
``<!channel>`` or hide a link, and the signs of Slack's markup are kept from working.
Source: Slack's reference of blocks and of text formatting (50 blocks, 3,000 characters a section,
150 a header); 10,000 characters altogether keep a message below the point where Slack cuts it.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from bot.deliver import wording
from bot.deliver.clean import shorten
from bot.deliver.identity import short_id
from bot.deliver.view import DigestView, StoryView, TroubleView, WatchView, largest, view
from bot.model import Digest

MOST_BLOCKS = 50
MOST_CHARACTERS = 10_000
_MOST_IN_SECTION = 3000
_MOST_IN_HEADER = 150
#: The lists at the end are not what the message is about.
_MOST_IN_LIST = 800
_LONGEST_LINK = 1000
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"[*_~`]|:(?=[\w+-]+:)|(?<=@)(?=here|channel|everyone)")
_ZERO_WIDTH = "\u200b"

Block = dict[str, Any]


def message(digest: Digest, *, message_id: str) -> bytes:
    """Return the JSON of the whole message; as many stories as fit, the others counted."""
    drawn = largest(digest, lambda cut: _drawn(view(digest, cut), message_id), _fits)
    return _json(drawn)


def plain_message(body: bytes) -> bytes:
    """Return the same message without blocks, for a Slack that refuses them."""
    blocks = json.loads(body)["blocks"]
    lines = [text for block in blocks for text in _texts(block)]
    return _json({"text": "\n".join(lines), "unfurl_links": False, "unfurl_media": False})


def note(words: str, *, message_id: str) -> bytes:
    """Return a message of one sentence of ours."""
    return _json(_enveloped(words, [_section(escape(words)), _context(f"`{short_id(message_id)}`")]))


def escape(text: str) -> str:
    """Return the text so that Slack shows it as it is, in any ``mrkdwn`` field."""
    return _MARKUP.sub(lambda found: found[0] + _ZERO_WIDTH, text).translate(_ENTITIES)


def link(url: str, text: str) -> str:
    """Return a link, or only its text where there is no address or one that is too long."""
    address = url.translate(_ENTITIES)
    return f"<{address}|{escape(text)}>" if address and len(address) <= _LONGEST_LINK else escape(text)


def _drawn(shown: DigestView, message_id: str) -> dict[str, Any]:
    blocks = [*_head(shown)]
    for watch in shown.watches:
        blocks += _watch(watch)
    blocks += _foot(shown, message_id)
    return _enveloped(shown.subject, blocks)


def _fits(drawn: dict[str, Any]) -> bool:
    return len(drawn["blocks"]) <= MOST_BLOCKS and len(_json(drawn).decode()) <= MOST_CHARACTERS


def _head(shown: DigestView) -> Iterator[Block]:
    if shown.mentions:
        mentions, stories = (
            wording.counted(shown.mentions, "mention"),
            wording.counted(shown.stories, "story"),
        )
        title = f"{shorten(shown.name, 100)}: {mentions}, {stories}"
    else:
        title = f"{shorten(shown.name, 100)}: nothing new"
    yield {"type": "header", "text": {"type": "plain_text", "text": title[:_MOST_IN_HEADER], "emoji": False}}
    trend = f" · `{wording.sparkline(shown.days)}`" if shown.bars else ""
    against = f" {shown.change} on the {len(shown.days)}-day mean" if shown.change and shown.mentions else ""
    yield _context(f"{escape(shown.period)}{trend}{against}")
    if shown.calm:
        yield _section(escape(shown.calm))


def _watch(watch: WatchView) -> Iterator[Block]:
    yield {"type": "divider"}
    change = f" · {watch.change}" if watch.change else ""
    yield _section(f"*{link(watch.url, watch.name)}*  {watch.mentions} · {watch.outlets}{change}")
    for story in watch.stories:
        if story.full:
            yield from _story(story)
    headlines = [
        f"• {link(story.url, story.title)} · {escape(story.outlet)}"
        for story in watch.stories
        if not story.full
    ]
    if watch.more:
        hint = "" if watch.url else f": `newsbot mentions --watch {escape(watch.key)}`"
        headlines.append(link(watch.url, f"and {watch.more:,} more") + hint)
    yield from _packed(headlines)


def _story(story: StoryView) -> Iterator[Block]:
    facts = [escape(story.outlet), story.when]
    facts += [story.badge] if story.badge else []
    facts += [f"{story.outlets} outlets"] if story.outlets > 1 else []
    excerpt = "".join(_marked(piece) if hit else escape(piece) for piece, hit in story.snippet).strip()
    told = f"*{link(story.url, story.title)}*\n{' · '.join(facts)}"
    # escaped, a text may be five times as long; the headline always fits
    quoted = f"{told}\n>{excerpt}" if excerpt else told
    yield _section(quoted if len(quoted) <= _MOST_IN_SECTION else told)
    why = (
        [f"Matched {', '.join(f'{escape(term)} ({where})' for term, where in story.why)}"]
        if story.why
        else []
    )
    if story.mention_url:
        why.append(f"<{story.mention_url.translate(_ENTITIES)}|Wrong match?>")
    elif story.mention is not None:
        why.append(f"`newsbot explain {story.mention}`")
    if why:
        yield _context(" · ".join(why))


def _marked(piece: str) -> str:
    """Return a found term in bold; Slack needs the stars right at the letters."""
    inner = escape(piece.strip())
    return piece.replace(piece.strip(), f"*{inner}*") if inner else piece


def _packed(lines: list[str]) -> Iterator[Block]:
    """Yield the lines in as few sections as the limit on a section allows."""
    packed = ""
    for line in lines:
        if packed and len(packed) + 1 + len(line) > _MOST_IN_SECTION:
            yield _section(packed)
            packed = ""
        packed = f"{packed}\n{line}" if packed else line
    if packed:
        yield _section(packed)


def _foot(shown: DigestView, message_id: str) -> Iterator[Block]:
    if shown.unseen:
        yield _listed("Also new: ", [f"{escape(name)} ({count})" for name, count in shown.unseen], ", ")
    if shown.quiet:
        yield _listed("Nothing new: ", [escape(name) for name, _ in shown.quiet], ", ", more=shown.quiet_more)
    if shown.troubles:
        need = "source needs" if shown.trouble_count == 1 else "sources need"
        more = shown.trouble_count - len(shown.troubles)
        lines = [f"• {escape(trouble.text)}{_advice(trouble)}" for trouble in shown.troubles]
        if sum(map(len, lines)) > _MOST_IN_LIST:
            lines = [f"• {escape(trouble.text)}" for trouble in shown.troubles]
        yield _listed(f"{shown.trouble_count:,} {need} a look:\n", lines, "\n", more=more)
    if shown.recovered:
        names = [f"{escape(name)} ({escape(what)})" for name, what in shown.recovered]
        yield _listed("Well again: ", names, ", ", more=shown.recovered_more)
    if shown.floods:
        yield _listed("", [escape(line) for line in shown.floods], "\n", more=shown.floods_more)
    if shown.outage:
        yield _context(escape(shown.outage))
    if shown.web_url:
        button = {
            "type": "plain_text",
            "text": "Open all mentions" if shown.mentions else "Open the dashboard",
        }
        url = f"{shown.web_url}/mentions?digest={shown.id}"
        yield {
            "type": "actions",
            "elements": [{"type": "button", "text": button, "url": url, "action_id": "open"}],
        }
    yield _context(f"{escape(shown.coverage)}. {escape(shown.schedule)} `{short_id(message_id)}`")


def _advice(trouble: TroubleView) -> str:
    """Return what can be done, to stand behind a trouble; "" for nothing."""
    # Between backticks nothing is markup, and what is copied from there must work.
    pieces = (f"`{piece.translate(_ENTITIES)}`" if code else escape(piece) for piece, code in trouble.advice)
    return f" → {''.join(pieces)}" if trouble.advice else ""


def _listed(lead: str, parts: list[str], separator: str, *, more: int = 0) -> Block:
    """Return a small print that lists what fits into it, and counts the rest."""
    text, kept = lead, 0
    for part in parts:
        if len(text) + len(part) > _MOST_IN_LIST:
            break
        text, kept = text + (separator if kept else "") + part, kept + 1
    rest = more + len(parts) - kept
    return _context(f"{text}{separator if kept else ''}and {rest:,} more" if rest else text)


def _enveloped(words: str, blocks: list[Block]) -> dict[str, Any]:
    # `text` is what a notification shows, and is markup too
    return {"text": escape(words), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _section(markup: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": markup, "verbatim": True}}


def _context(markup: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": markup, "verbatim": True}]}


def _texts(block: Block) -> Iterator[str]:
    if block["type"] == "header":
        yield f"*{escape(block['text']['text'])}*"
    elif block["type"] == "section":
        yield block["text"]["text"]
    elif block["type"] == "context":
        yield from (element["text"] for element in block["elements"])
    elif block["type"] == "actions":
        yield from (link(element["url"], element["text"]["text"]) for element in block["elements"])


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
