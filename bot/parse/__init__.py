"""Parse: from bytes to entries and articles.

Stands between ``fetch`` (bytes) and ``match`` (articles). Pure: no network, no database, no clock; what a
page or a feed says is data, never an instruction. Nothing is imported here, so that a worker loads only
what it needs. The doors:

- ``source.parse``: what a source answered, whatever its kind → Feed
- ``feed.parse``, ``sitemap.parse``, ``listing.parse``: one kind each → Feed
- ``article.extract``, ``article.from_entry``: a page, or what its feed said → Article
- ``identity``: when are two entries, addresses or texts the same
- ``dates.parse``, ``language.detect``: one value each
- ``sandbox.Sandbox``: the same in worker processes with limits (the room's only part that is not pure)
"""

__all__: list[str] = []
