"""FROM AN ARTICLE TO MENTIONS: which watches does this article satisfy, where, and why.

``query`` reads the watch language, ``fold`` brings texts and terms into one form, ``matcher`` runs all
watches over an article in one scan, ``explain`` shows one watch's tree with true and false, ``sense``
asks what an acronym means, ``narrow`` writes what a text index is asked. Pure: no network, no database,
no clock.
"""

from bot.match.explain import Examined, Explained, Explainer
from bot.match.fold import FOLD_VERSION
from bot.match.matcher import Matcher
from bot.match.narrow import INDEX_VERSION, narrow, tokens
from bot.match.scope import child_key, is_within_scope
from bot.match.searchable import search_text
from bot.match.version import query_of, watch_version

__all__ = [
    "FOLD_VERSION",
    "INDEX_VERSION",
    "Examined",
    "Explained",
    "Explainer",
    "Matcher",
    "child_key",
    "is_within_scope",
    "narrow",
    "query_of",
    "search_text",
    "tokens",
    "watch_version",
]
