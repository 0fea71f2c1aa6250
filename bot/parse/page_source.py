"""Read a page whose own text is the article: each change of it is a revision.

Pure; the text is found as in any other article (``article.extract``).
"""

from bot.errors import ParseError
from bot.model import Entry, Feed
from bot.parse import article, page, selected
from bot.parse.jobs import ListingJob


def parse(job: ListingJob) -> Feed:
    """Read a page as a listing of one entry, which leads to the page itself and holds its text.

    Returns a Feed whose ``fault`` says why where there is no text, or where the selector of the text finds
    nothing: half a page would be taken for a change of it.
    """
    try:
        if job.content_selector is not None and not _is_there(job, job.content_selector):
            return Feed(fault=f"the selector {job.content_selector!r} finds no text on this page")
        found = article.extract(
            job.data,
            job.url,
            headers=job.headers,
            content_selector=job.content_selector,
            json_ld=job.json_ld,
            guess_date=False,
        )
    except ParseError as error:
        return Feed(fault=error.message)
    entry = Entry(
        link=job.address or job.url,
        title=found.title,
        published_at=found.published_at,
        updated_at=found.modified_at,
        authors=found.authors,
        content=found.text,
        language=found.language,
    )
    return Feed(title=found.site, link=job.url, entries=(entry,), language=found.language)


def _is_there(job: ListingJob, selector: str) -> bool:
    return bool(selected.text(page.parse(job.data, job.url, job.headers), selector))
