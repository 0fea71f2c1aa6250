"""How much a link looks like one to an article: by its address, and by its words.

Used by ``structure``. Points, not verdicts: a page is judged by groups of links, and one odd address in a
list of articles is an article, too.
"""

import re
from urllib.parse import urlsplit

from bot.model import domain_of, site_of
from bot.parse import dates, listing_words

#: Addresses of what is no article, whatever its words: sections, people, the site's own business.
_FOREIGN_PATH = re.compile(
    r"/(?:tags?|topics?|themen?|themes?|categor(?:y|ies|ia|ias|ie)|kategorien?|rubri(?:k|ken|que|ques)|sections?|label"
    r"|authors?|autor(?:en|es)?|auteurs?|people|profile|users?|members?|search|suche|recherche|buscar|login|signin"
    r"|sign-?up|register|account|cart|privacy(?:-policy)?|datenschutz\w*|terms(?:-[\w-]+)?|imprint|impressum"
    r"|mentions-legales|contact(?:-us)?|kontakt|about(?:-us)?|cookies?(?:-policy)?|accessibility|legal|disclaimer|faq"
    r"|help|sitemap|subscribe|newsletters?|feeds?|rss|jobs|careers|advertise|donate|share|print|archives?"
    r"|page/\d+|wp-(?:login|admin)[\w.]*)(?:[/.?]|\Z)",
    re.IGNORECASE,
)
_FOREIGN_QUERY = re.compile(
    r"(?:\A|&)(?:tags?|category|cat|author|page|paged|offset|start|lang|locale|sort|order|filter|q|query|search|replytocom"
    r"|share|print|login|year|month)=",
    re.IGNORECASE,
)
_SOCIAL = re.compile(
    r"(?:\A|\.)(?:facebook|twitter|instagram|linkedin|youtube|whatsapp|telegram|pinterest|tiktok|threads|flickr|vimeo"
    r"|addtoany|addthis|reddit|tumblr|xing|weibo|vk|wa|bsky)\.(?:com|net|org|me|app|ru)\Z|(?:\A|\.)(?:x\.com|t\.me|t\.co)\Z"
)
_FILE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|svg|css|js|zip|mp3|mp4|ics|xlsx?|docx?|exe|apk|xml|rss|json)\Z", re.IGNORECASE
)
_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d[/_.-]?(?:0?[1-9]|1[0-2])(?!\d\d\d)")
_NUMBER = re.compile(r"(?<!\d)\d{3,}(?!\d)")
_ID = re.compile(
    r"(?:\A|&)(?:\w{0,12}id|p|n|no|nr|num|seq\w*|idx|art\w*|aid|nid|news\w*|story|item|doc\w*|post|wr_id|bbs\w*)=[\w-]*\d",
    re.IGNORECASE,
)
_DATE_ALONE = re.compile(r"\D{0,24}\d{1,4}\D{1,16}(?:\d{1,4}\D{0,12}){0,5}")
#: Signs that say as much as a word of others.
_DENSE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def address_points(link: str, page: str) -> float:
    """Return how much an address looks like an article's, seen from its page: below zero for what is none."""
    parts = urlsplit(link)
    host = parts.hostname or ""
    if _SOCIAL.search(host) or _FILE.search(parts.path):
        return -9.0
    here = urlsplit(page)
    path = parts.path.rstrip("/")
    if not path and not parts.query:
        return -6.0
    if here.path.rstrip("/").startswith(f"{path}/") and not parts.query and host == here.hostname:
        # What stands above this page.
        return -6.0
    same = domain_of(host) == site_of(page)
    own = here.path if here.path.endswith("/") else f"{here.path.rpartition('/')[0]}/"
    beyond = f"/{path.removeprefix(own)}" if own.strip("/") and path.startswith(own) else path
    if _FOREIGN_PATH.search(f"{beyond}/") or (
        _FOREIGN_QUERY.search(parts.query) and not _ID.search(parts.query)
    ):
        return -4.0
    points = 0.0 if same else -1.5
    last = path.rpartition("/")[2]
    words = [word for word in re.split(r"[-_+.]|%20", last) if word]
    if _DATE.search(path):
        points += 2.0
    if len(words) >= 4 or "%" in last or not last.isascii():
        points += 2.5
    elif _NUMBER.search(last) or _ID.search(parts.query):
        points += 2.0
    elif len(words) >= 2 or any(sign.isdigit() for sign in last):
        points += 0.5
    elif not parts.query:
        points -= 1.0
    if beyond is not path and beyond.count("/") >= 1 and len(beyond) > 1:
        points += 1.0
    return points


def title_points(text: str) -> float:
    """Return how much a text looks like a headline: below zero for a word, a number or a button."""
    if listing_words.PAGE_NUMBER.fullmatch(text):
        return -4.0
    if _DATE_ALONE.fullmatch(text) and dates.parse(text) is not None:
        return -2.0
    width = width_of(text)
    if width >= 40:
        return 3.0
    if width >= 25:
        return 2.0
    if width >= 16:
        return 0.5
    return -1.0 if width >= 8 else -2.0


def width_of(text: str) -> float:
    """Return the length of a text, in letters of scripts that write words out."""
    return len(text) + 1.5 * len(_DENSE.findall(text))
