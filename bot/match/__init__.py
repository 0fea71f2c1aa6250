"""FROM AN ARTICLE TO MENTIONS: which watches does this article satisfy, where, and why.

``query`` reads the watch language, ``fold`` brings texts and terms into one form, ``matcher`` runs all
watches over an article in one scan, ``explain`` shows one watch's tree with true and false. Pure: no
network, no database, no clock.
"""

from bot.match.explain import Explained
from bot.match.fold import FOLD_VERSION
from bot.match.matcher import Matcher
from bot.match.version import query_of, watch_version

__all__ = ["FOLD_VERSION", "Explained", "Matcher", "query_of", "watch_version"]
