"""What an entry itself says, as an article: for when its page is not to be had, or not wanted.

Loads no parser and no model: used in the program itself, too.
"""

from bot.model import Article, Entry, TextFrom
from bot.parse import clean


def as_listed(entry: Entry, url: str) -> Article:
    """Return the article that an entry itself holds: content, else summary; ``text_from`` says which.

    Its language is the one that its source declares, None where it declares none.
    """
    content = entry.content.strip()
    text = content or entry.summary.strip()
    return Article(
        url=url,
        title=entry.title,
        text=clean.clean(text)[: clean.MAX_TEXT],
        authors=entry.authors,
        language=entry.language,
        published_at=entry.published_at,
        modified_at=entry.updated_at,
        text_from=TextFrom.FEED if content else TextFrom.SUMMARY,
    )
