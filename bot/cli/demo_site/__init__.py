"""The bundled news site of ``newsbot demo``: a small world of invented outlets on loopback addresses.

Everything it says was written for this program. It serves what real outlets serve (feeds, a news
sitemap, a listing page, article pages with their furniture), so that the whole job can be shown
without a network. It knows nothing of watches, stores or digests.
"""

from bot.cli.demo_site.site import DemoSite, Outlet

__all__ = ["DemoSite", "Outlet"]
