"""Listing pages of invented sites, each with the links that are its articles: what ``structure`` is held to.

Every page is made of chrome (navigation, footers, tags, most read, sharing) around a list of one shape. In the
markup an article's link has the attribute ``data-a``, which is taken out before the page is read: so a page
and its truth cannot fall apart.
"""

import re
from dataclasses import dataclass

HEADLINES = (
    "Harbour council votes to rebuild the northern pier",
    "Three villages share one doctor until the spring",
    "Ferry line to Outer Sandholm stops for repairs",
    "School of Carpentry opens its doors to night classes",
    "Why the lighthouse keeper refuses to leave his post",
    "River gauge at Mill Bridge shows record level",
    "New timetable for trams after residents complain",
    "Museum finds lost letters of a polar explorer",
    "Budget talks in Ostwick end without agreement",
    "Young orchestra wins prize at the Baltic contest",
)
GERMAN = (
    "Gemeinderat beschließt Neubau der Turnhalle",
    "Wasserwerk Nord nimmt zweite Pumpe in Betrieb",
    "Landkreis sucht dringend Fahrer für den Schulbus",
    "Hochwasserschutz an der Lenne wird teurer",
    "Museumsnacht lockt Tausende in die Altstadt",
    "Bürgerbüro schließt wegen Umbau im November",
)
FRENCH = (
    "Le conseil municipal adopte le budget de la voirie",
    "Une nouvelle passerelle relie les deux rives de l'Orne",
    "La médiathèque rouvre ses portes après les travaux",
    "Les pompiers de Saint-Aubin recrutent des volontaires",
    "Transports scolaires : ce qui change à la rentrée",
    "Un potager partagé voit le jour au quartier des Lilas",
)
JAPANESE = (
    "港湾審議会が北桟橋の再建を決定",
    "村の診療所、春まで医師一人体制に",
    "外島フェリー航路、修理のため運休へ",
    "木工学校が夜間講座を開設します",
    "水車橋の水位計が過去最高を記録",
    "市電の新しい時刻表について",
)
ARABIC = (
    "مجلس الميناء يصوت على إعادة بناء الرصيف الشمالي",
    "ثلاث قرى تتقاسم طبيبا واحدا حتى الربيع",
    "توقف خط العبارات إلى الجزيرة الخارجية للصيانة",
    "مدرسة النجارة تفتح أبوابها لدروس مسائية",
    "مقياس النهر عند جسر الطاحونة يسجل مستوى قياسيا",
    "جدول جديد لمواعيد الترام بعد شكاوى السكان",
)
RUSSIAN = (
    "Совет порта проголосовал за восстановление пирса",
    "Три деревни делят одного врача до весны",
    "Паром на Внешний остров остановлен на ремонт",
    "Столярная школа открывает вечерние курсы",
    "Уровень реки у мельничного моста побил рекорд",
)

CHINESE = (
    "市政府召开港口重建工作会议",
    "三个村庄共用一名医生至春季",
    "外岛渡轮航线因维修停航",
    "木工学校开设夜间课程",
    "磨坊桥水位创历史新高",
    "电车新时刻表公布",
)
HEBREW = (
    "מועצת הנמל הצביעה על שיקום המזח הצפוני",
    "שלושה כפרים חולקים רופא אחד עד האביב",
    "קו המעבורת לאי החיצון הופסק לתיקונים",
    "בית הספר לנגרות פותח שיעורי ערב",
)

NAV = """<nav class="main-nav"><ul><li><a href="/">Home</a></li><li><a href="/news/">News</a></li>
<li><a href="/services/">Services for citizens and businesses</a></li><li><a href="/about/">About the authority</a></li>
<li><a href="/contact/">Contact</a></li></ul></nav>"""
DIV_NAV = """<div id="top"><div class="inner"><div><a href="/">Home</a></div><div><a href="/politics">Politics</a></div>
<div><a href="/economy">Economy</a></div><div><a href="/culture">Culture</a></div><div><a href="/sport">Sport</a></div></div></div>"""
FOOTER = """<footer><p>About us</p><ul><li><a href="/imprint">Imprint</a></li><li><a href="/privacy-policy">Privacy policy and data protection</a></li>
<li><a href="/accessibility-statement">Statement on accessibility of this site</a></li></ul>
<a href="https://www.facebook.com/ostwick">Facebook</a> <a href="https://x.com/ostwick">X</a></footer>"""
DIV_FOOTER = """<div class="bottom"><div><a href="/legal-notice">Legal notice</a> | <a href="/cookies">Cookies</a> |
<a href="https://www.youtube.com/@ostwick">YouTube</a></div></div>"""
TAGS = """<div class="tag-cloud"><a href="/tag/harbour">harbour</a> <a href="/tag/council-of-the-region">council of the region</a>
<a href="/tag/budget">budget</a> <a href="/tag/schools-and-kindergartens">schools and kindergartens</a></div>"""
MOST_READ = """<aside class="most-read"><h3>Most read</h3><ol><li><a href="/2025/old-bridge-falls-into-the-river">Old bridge falls into the river</a></li>
<li><a href="/2025/mayor-of-ostwick-resigns-after-vote">Mayor of Ostwick resigns after vote</a></li>
<li><a href="/2025/storm-warning-for-the-whole-coast">Storm warning for the whole coast</a></li></ol></aside>"""
PAGER = """<div class="pagination"><a href="?page=1">1</a> <a href="?page=2">2</a> <a href="?page=3">3</a> <a rel="next" href="?page=2">Next page</a></div>"""
SHARE = """<ul class="share"><li><a href="https://www.facebook.com/sharer.php?u=https://ostwick.example/">Share on Facebook</a></li>
<li><a href="https://t.me/share?url=x">Telegram</a></li><li><a href="mailto:?body=x">Mail</a></li></ul>"""

_MARKED = re.compile(r"<a data-a\b([^<>]*?)href=\"([^\"]+)\"")


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A page, and the addresses (as written) of its articles."""

    name: str
    url: str
    html: str
    articles: frozenset[str]
    #: how many of its articles show a date
    dated: int = 0


def slug(headline: str) -> str:
    """Make the last part of an address of a headline."""
    return "-".join(re.findall(r"[a-z0-9]+", headline.lower()))


def listing(name: str, url: str, body: str, *, head: str = "", lang: str = "en", dated: int = 0) -> Listing:
    """Make a page of its body, in which the articles' links are marked."""
    articles = frozenset(href for _, href in _MARKED.findall(body))
    assert len(articles) >= 3, name
    html = f"<!doctype html><html lang='{lang}'><head><title>{name}</title>{head}</head><body>{body}</body></html>"
    return Listing(name=name, url=url, html=html.replace("<a data-a ", "<a "), articles=articles, dated=dated)


def each(template: str, headlines: tuple[str, ...] = HEADLINES, **more: object) -> str:
    """Fill a template for each headline: ``{t}`` title, ``{s}`` slug, ``{n}`` number, ``{d}`` day, ``{i}`` index."""
    return "".join(
        template.format(
            t=title, s=slug(title) or f"n{place}", n=48_210 + 37 * place, d=28 - place, i=place, **more
        )
        for place, title in enumerate(headlines)
    )


LISTINGS = (
    listing(
        "cards",
        "https://ostwick.example/news/",
        NAV
        + "<main><div class='grid'>"
        + each(
            """<article class="card card-{i}"><a data-a href="/news/{s}"><img src="/i/{i}.jpg" alt=""></a>
            <div class="card-body"><span class="kicker"><a href="/category/region">Region</a></span>
            <h3 class="card-title"><a data-a href="/news/{s}">{t}</a></h3><p>What happened, and what comes next.</p>
            <time datetime="2026-11-{d}">{d} Nov</time></div></article>"""
        )
        + "</div>"
        + PAGER
        + "</main>"
        + MOST_READ
        + FOOTER,
        dated=10,
    ),
    listing(
        "table of releases",
        "https://ministry.example/press/releases.aspx",
        DIV_NAV
        + "<table class='releases'><tr><th>Date</th><th>Title</th><th>File</th></tr>"
        + each(
            """<tr><td>{d}.11.2026</td><td><a data-a href="/press/release.aspx?id={n}">{t}</a></td><td>42 kB</td></tr>"""
        )
        + "</table>"
        + DIV_FOOTER,
        dated=10,
    ),
    listing(
        "dl with dates before",
        "https://agency.example/aktuelles/",
        NAV
        + "<div id='content'><dl>"
        + each("""<dt>{d}. November 2026</dt><dd><a data-a href="meldung-{n}.html">{t}</a></dd>""", GERMAN)
        + "</dl></div>"
        + FOOTER,
        lang="de",
        dated=6,
    ),
    listing(
        "plain list",
        "https://port.example/notices",
        "<h1>Notices</h1><ul>"
        + each("""<li><a data-a href="/notices/{n}">{t}</a> ({d} November 2026)</li>""")
        + "</ul><p><a href='/'>Back to the port</a> <a href='/contact'>Contact</a></p>",
        dated=10,
    ),
    listing(
        "div soup",
        "https://soup.example/",
        "<div><div><a href='/'>Start</a></div><div><a href='/who'>Who we are</a></div><div><a href='/what'>What we do</a></div></div><div>"
        + each(
            """<div><div><a data-a href="/{s}">{t}</a></div><div>Some words of the story that follows here.</div></div>"""
        )
        + "</div><div><a href='/rules'>Rules</a></div>",
    ),
    listing(
        "wordpress",
        "https://blog.example/",
        "<div id='page'><header id='masthead'><a href='https://blog.example/' rel='home'>The Blog</a>"
        "<ul id='menu-main' class='menu'><li class='menu-item menu-item-12'><a href='https://blog.example/about/'>About</a></li>"
        "<li class='menu-item menu-item-13'><a href='https://blog.example/how-we-work-and-who-pays-us/'>How we work and who pays us</a></li></ul>"
        "</header><div id='primary'><main id='main'>"
        + each(
            """<article id="post-{n}" class="post-{n} post type-post status-publish category-region tag-{i} hentry"><header class="entry-header">
            <h2 class="entry-title"><a data-a href="https://blog.example/2026/11/{s}/" rel="bookmark">{t}</a></h2>
            <div class="entry-meta"><span class="posted-on"><a data-a href="https://blog.example/2026/11/{s}/"><time class="entry-date"
            datetime="2026-11-{d}T09:00:00+00:00">November {d}, 2026</time></a></span> by <a href="https://blog.example/author/ola/">Ola Brandt</a></div></header>
            <div class="entry-content"><p>First words. <a class="more-link" href="https://blog.example/2026/11/{s}/">Continue reading</a></p></div>
            <footer class="entry-footer"><a href="https://blog.example/category/region/" rel="category tag">Region and surroundings</a>
            <a href="https://blog.example/2026/11/{s}/#respond">Leave a comment</a></footer></article>"""
        )
        + "<nav class='navigation pagination'><a class='page-numbers' href='https://blog.example/page/2/'>2</a>"
        "<a class='next page-numbers' href='https://blog.example/page/2/'>Older posts</a></nav></main></div>"
        "<aside id='secondary' class='widget-area'><section class='widget widget_recent_entries'><h2>Recent Posts</h2><ul>"
        "<li><a href='https://blog.example/2024/05/an-older-story-of-the-village/'>An older story of the village</a></li>"
        "<li><a href='https://blog.example/2024/04/another-older-story-of-the-town/'>Another older story of the town</a></li></ul></section>"
        "<section class='widget widget_archive'><ul><li><a href='https://blog.example/2026/10/'>October 2026</a></li>"
        "<li><a href='https://blog.example/2026/09/'>September 2026</a></li></ul></section></aside></div>",
        dated=10,
    ),
    listing(
        "drupal nodes",
        "https://ministry.example/en/news",
        NAV
        + "<div class='view view-news'><div class='view-content'>"
        + each(
            """<div class="views-row views-row-{i}"><div class="views-field views-field-title"><span class="field-content">
            <a data-a href="/node/{n}">{t}</a></span></div><div class="views-field views-field-created"><span class="field-content">{d}/11/2026</span></div></div>"""
        )
        + "</div><ul class='pager'><li><a href='?page=1'>next ›</a></li><li><a href='?page=9'>last »</a></li></ul></div>"
        + FOOTER,
        dated=10,
    ),
    listing(
        "identifiers in queries",
        "https://board.example/bbs/list.php?bo_table=news",
        "<div id='gnb'><a href='/bbs/list.php?bo_table=free'>Free</a><a href='/bbs/list.php?bo_table=qna'>Questions</a>"
        "<a href='/bbs/list.php?bo_table=gallery'>Gallery</a></div><form><table><tbody>"
        + each(
            """<tr><td class="num">{i}</td><td class="subject"><a data-a href="/bbs/view.php?bo_table=news&wr_id={n}">{t}</a></td>
            <td>admin</td><td class="date">2026-11-{d}</td><td>12</td></tr>"""
        )
        + "</tbody></table></form><div class='pg'><a href='?bo_table=news&page=2'>2</a><a href='?bo_table=news&page=3'>3</a></div>",
        dated=10,
    ),
    listing(
        "dates in paths",
        "https://daily.example/",
        DIV_NAV
        + "<div class='content'>"
        + each("""<p class="headline"><a data-a href="/2026/11/{d}/{s}.html">{t}</a></p>""")
        + "</div>"
        + TAGS
        + DIV_FOOTER,
    ),
    listing(
        "japanese news table",
        "https://shi.example.jp/news/index.html",
        "<div id='gnavi'><ul><li><a href='/'>ホーム</a></li><li><a href='/kurashi/'>くらし・手続き</a></li><li><a href='/kanko/'>観光・文化・スポーツ</a></li></ul></div>"
        "<div id='main'><h1>新着情報</h1><dl class='newslist'>"
        + each(
            """<dt>2026年11月{d}日</dt><dd><span>お知らせ</span><a data-a href="/news/2026/{n}.html">{t}</a></dd>""",
            JAPANESE,
        )
        + "</dl></div><div id='footer'><a href='/sitemap.html'>サイトマップ</a><a href='/privacy.html'>個人情報保護</a></div>",
        lang="ja",
        dated=6,
    ),
    listing(
        "arabic cards",
        "https://wakala.example/ar/news",
        "<header><ul class='menu'><li><a href='/ar'>الرئيسية</a></li><li><a href='/ar/politics'>سياسة</a></li><li><a href='/ar/economy'>اقتصاد</a></li></ul></header>"
        "<section class='list'>"
        + each(
            """<div class="item"><a data-a href="/ar/news/{n}"><img src="x.jpg" alt="{t}"></a><h4><a data-a href="/ar/news/{n}">{t}</a></h4><span>2026-11-{d}</span></div>""",
            ARABIC,
        )
        + "</section><div class='side'><h3>الأكثر قراءة</h3><ul><li><a href='/ar/news/11001'>زلزال خفيف يضرب الساحل الشرقي فجرا</a></li>"
        "<li><a href='/ar/news/11002'>افتتاح مكتبة الحي بعد عام من الترميم</a></li></ul></div>",
        lang="ar",
        dated=6,
    ),
    listing(
        "french town",
        "https://mairie.example/actualites",
        "<nav><a href='/'>Accueil</a><a href='/vie-municipale'>Vie municipale</a><a href='/demarches-en-ligne-et-formulaires'>Démarches en ligne et formulaires</a></nav>"
        "<div class='actus'>"
        + each(
            """<div class="actu"><p class="date">{d} novembre 2026</p><p class="titre"><strong>{t}</strong></p><p>Un texte court.</p>
            <a data-a class="suite" href="/actualites/{s}">Lire la suite</a></div>""",
            FRENCH,
        )
        + "</div><footer><a href='/mentions-legales'>Mentions légales</a></footer>",
        lang="fr",
        dated=6,
    ),
    listing(
        "whole card is the link",
        "https://studio.example/stories/",
        NAV
        + "<div class='css-1x2y3z'>"
        + each(
            """<a data-a class="css-9ab8c7 StoryCard" href="/stories/{s}-{n}"><div><img src="x.png" alt=""></div><div><span>REGION</span>
            <h2>{t}</h2><p>A teaser with some more words in it.</p><span>{d} November 2026</span></div></a>"""
        )
        + "</div>"
        + SHARE
        + FOOTER,
        dated=10,
    ),
    listing(
        "hero and list",
        "https://paper.example/",
        DIV_NAV
        + """<section class="hero"><h1><a data-a href="/region/flood-at-the-mill-bridge-500123">Flood at the Mill Bridge: what we know so far</a></h1></section>
        <section class="stream">"""
        + each("""<div class="teaser"><h2><a data-a href="/region/{s}-{n}">{t}</a></h2></div>""")
        + "</section>"
        + DIV_FOOTER,
    ),
    listing(
        "several sections",
        "https://gazette.example/",
        NAV
        + "".join(
            f"<section class='block'><h2><a href='/{name}/'>{name.title()}</a></h2><ul>"
            + each(
                """<li class="story"><a data-a href="/{name}/{s}">{t}</a><p>Some words about it.</p></li>""",
                tuple(f"{title} in {name}" for title in HEADLINES[:4]),
                name=name,
            )
            + "</ul></section>"
            for name in ("politics", "economy", "culture")
        )
        + FOOTER,
    ),
    listing(
        "old table layout",
        "http://oldsite.example/news.htm",
        "<table width='100%'><tr><td width='150'><font size='2'><a href='index.htm'>Home</a><br><a href='members.htm'>Members</a><br>"
        "<a href='links.htm'>Links</a><br><a href='history.htm'>History of the association</a></font></td><td><table>"
        + each(
            """<tr><td><font face="Arial"><b>{d} November 2026</b><br><a data-a href="news/2026-{n}.htm">{t}</a></font></td></tr>"""
        )
        + "</table></td></tr></table>",
        dated=10,
    ),
    listing(
        "press pdfs",
        "https://bank.example/media/press-releases",
        NAV
        + "<ul class='documents'>"
        + each(
            """<li class="documents__item"><span class="documents__date">{d} Nov 2026</span> <a data-a href="/files/pr-{n}.pdf">{t}</a> <span>PDF</span></li>"""
        )
        + "</ul>"
        + FOOTER,
        dated=10,
    ),
    listing(
        "articles on another host",
        "https://www.university.example/newsroom",
        NAV
        + "<div class='feed-list'>"
        + each(
            """<div class="feed-item"><h3><a data-a href="https://news.university.example/story/{s}">{t}</a></h3><time>{d} November 2026</time></div>"""
        )
        + "</div>"
        + FOOTER,
        dated=10,
    ),
    listing(
        "russian cyrillic",
        "https://gorod.example/novosti/",
        "<div class='header'><div class='menu'><a href='/'>Главная</a><a href='/gorod/'>О городе</a><a href='/uslugi/'>Муниципальные услуги</a></div></div>"
        "<div class='news-list'>"
        + each(
            """<p class="news-item"><span class="news-date-time">{d}.11.2026</span> <a data-a href="/novosti/{n}/"><b>{t}</b></a><br>Короткий текст.</p>""",
            RUSSIAN,
        )
        + "</div><div class='footer'><a href='/karta/'>Карта сайта</a></div>",
        lang="ru",
        dated=5,
    ),
    listing(
        "tags in each card",
        "https://mag.example/latest",
        NAV
        + "<ol class='list'>"
        + each(
            """<li><h3><a data-a href="/{s}">{t}</a></h3><div class="labels"><a href="/topics/harbour">Harbour</a>
            <a href="/topics/local-government">Local government</a></div><a href="/people/ola-brandt">Ola Brandt</a></li>"""
        )
        + "</ol>"
        + TAGS
        + FOOTER,
    ),
    listing(
        "short headlines with dates",
        "https://club.example/termine-und-news",
        "<nav><a href='/'>Start</a><a href='/verein'>Verein</a><a href='/mannschaften'>Mannschaften</a></nav><main>"
        + each(
            """<article><time datetime="2026-11-{d}">{d}.11.</time><h2><a data-a href="/news/{n}">{t}</a></h2></article>""",
            ("Sieg in Lauben", "Neue Trikots", "Turnier abgesagt", "Wir suchen Trainer", "Danke, Uwe"),
        )
        + "</main>",
        lang="de",
        dated=5,
    ),
    listing(
        "headings without links",
        "https://institute.example/news/",
        NAV
        + "<div class='entries'>"
        + each(
            """<div class="entry"><h3>{t}</h3><p class="meta">Posted on {d} November 2026</p><p>Two sentences about it. They are short.</p>
            <p><a data-a href="/news/detail/{n}/">Read more</a></p></div>"""
        )
        + "</div>"
        + FOOTER,
        dated=10,
    ),
    listing(
        "menu with long names",
        "https://authority.example/en/press/",
        "<div class='megamenu'><ul>"
        + "".join(
            f"<li><a href='/en/{slug(name)}/'>{name}</a></li>"
            for name in (
                "Permits and licences for companies",
                "Support for agriculture and fishery",
                "Working conditions and health at work",
                "Statistics and reports on the economy",
                "Public procurement and tenders",
                "Consumer protection and product safety",
            )
        )
        + "</ul></div><div class='press'>"
        + each("""<div class="press-row"><em>{d}.11.2026</em><a data-a href="/en/press/{s}/">{t}</a></div>""")
        + "</div>"
        + FOOTER,
        dated=10,
    ),
    listing(
        "related below",
        "https://journal.example/issue/",
        NAV
        + "<main><ul class='toc'>"
        + each("""<li><a data-a href="/issue/{s}">{t}</a></li>""")
        + "</ul><div><h4>You may also like</h4><ul><li><a href='/issue/what-the-sea-gave-back-in-1953'>What the sea gave back in 1953</a></li>"
        "<li><a href='/issue/a-short-history-of-the-dike-guild'>A short history of the dike guild</a></li></ul></div></main>"
        + SHARE
        + FOOTER,
    ),
    listing(
        "utility classes",
        "https://startup.example/blog",
        "<div class='flex items-center p-4'><a class='px-2 text-sm' href='/'>Home</a><a class='px-2 text-sm' href='/pricing'>Pricing</a>"
        "<a class='px-2 text-sm' href='/docs'>Docs</a></div><div class='mx-auto max-w-4xl'>"
        + each(
            """<div class="flex flex-col p-4 border-b"><a data-a class="text-xl font-bold" href="/blog/{s}">{t}</a><p class="text-gray-500 text-sm">Nov {d}, 2026</p></div>"""
        )
        + "</div><div class='p-4 text-sm'><a href='/terms'>Terms</a><a href='/privacy'>Privacy</a></div>",
        dated=10,
    ),
    listing(
        "base address and relative links",
        "https://rel.example/a/b/news.php",
        "<ul class='n'>"
        + each("""<li>{d}.11.2026 <a data-a href="news.php?action=show&newsid={n}">{t}</a></li>""")
        + "</ul>",
        head="<base href='https://rel.example/cms/'>",
        dated=10,
    ),
    listing(
        "percent-encoded slugs",
        "https://jichi.example/",
        "<ul id='menu'><li><a href='/about'>会社概要</a></li><li><a href='/ir'>株主・投資家の皆様へ</a></li></ul><section>"
        + each(
            """<article><h3><a data-a href="/%E8%A8%98%E4%BA%8B/%E6%B8%AF%E6%B9%BE{i}%E7%AC%AC%E5%9B%9E">{t}</a></h3></article>""",
            JAPANESE,
        )
        + "</section>",
        lang="ja",
    ),
    listing(
        "accordion by month",
        "https://court.example/decisions",
        NAV
        + "".join(
            f"<h3>{month} 2026</h3><ul class='decisions'>"
            + each(
                """<li><a data-a href="/decisions/{month}/{n}">{t}</a></li>""",
                tuple(f"{title} ({month})" for title in HEADLINES[:3]),
                month=month.lower(),
            )
            + "</ul>"
            for month in ("November", "October")
        )
        + "<h3>Archives</h3><ul><li><a href='/decisions/archive/2025'>Decisions of 2025</a></li><li><a href='/decisions/archive/2024'>Decisions of 2024</a></li></ul>"
        + FOOTER,
    ),
    listing(
        "date headings",
        "https://a.example/press/",
        "<h1>Press</h1>"
        + "".join(
            f"<h3>{d} November 2026</h3><ul>"
            + "".join(
                f'<li><a data-a href="/press/{d}-{i}">{t} ({d})</a></li>'
                for i, t in enumerate(HEADLINES[d % 5 : d % 5 + 3])
            )
            + "</ul>"
            for d in (12, 11, 9)
        )
        + "<p><a href='/press/archive'>Archive of older releases</a></p>",
    ),
    listing(
        "sidebar departments same structure",
        "https://city.example/aktuelles",
        "<div><ul>"
        + "".join(
            f"<li><a href='/amt/{slug(t)}'>{t}</a></li>"
            for t in (
                "Amt für Ordnung und Sicherheit",
                "Amt für Schule und Sport",
                "Bauamt und Liegenschaften",
                "Kämmerei und Steuern",
                "Kulturamt und Archiv",
            )
        )
        + "</ul></div><div><ul>"
        + each('<li>{d}.11.2026 <a data-a href="/aktuelles/{s}">{t}</a></li>', GERMAN)
        + "</ul></div>",
    ),
    listing(
        "nav table too",
        "http://old.example/",
        "<table><tr>"
        + "".join(f"<td><a href='{x}.html'>{x}</a></td>" for x in ("home", "staff", "courses", "library"))
        + "</tr></table><table>"
        + each('<tr><td>{d}/11/26</td><td><a data-a href="news{n}.html">{t}</a></td></tr>')
        + "</table>",
    ),
    listing(
        "korean board",
        "https://k.example/board/list?id=notice",
        "<ul class=gnb><li><a href='/board/list?id=free'>자유게시판</a></li><li><a href='/board/list?id=qna'>질문과 답변 게시판</a></li></ul><table>"
        + each(
            '<tr><td>{n}</td><td><a data-a href="/board/read?id=notice&no={n}">{t}</a> <a href="/board/read?id=notice&no={n}#comment">[3]</a></td><td><a href="/user/info?id=kim">김철수</a></td><td>2026.11.{d}</td></tr>'
        )
        + "</table><div><a href='?id=notice&page=2'>2</a> <a href='?id=notice&page=3'>3</a></div>",
    ),
    listing(
        "html and pdf",
        "https://b.example/releases",
        NAV
        + "<ul>"
        + each(
            '<li><span>{d} November 2026</span> <a data-a href="/releases/{s}">{t}</a> <a href="/files/{n}.pdf">PDF (120 kB)</a></li>'
        )
        + "</ul>"
        + FOOTER,
    ),
    listing(
        "languages per item",
        "https://c.example/press",
        NAV
        + "<div>"
        + each(
            '<div class=row><a data-a href="/en/press/{n}">{t}</a> <span><a href="/de/press/{n}">DE</a> | <a href="/fr/press/{n}">FR</a></span></div>'
        )
        + "</div>",
    ),
    listing(
        "medium-like",
        "https://d.example/",
        "<header><a href='/about'>About</a><a href='/membership'>Become a member of our community</a></header>"
        + each(
            '<div><a href="/@ola">Ola Brandt</a><a data-a href="/{s}-a{n}f"><h2>{t}</h2><p>Some words of it.</p></a><span>Nov {d} · 5 min read</span><a href="/tagged/harbour">Harbour</a></div>'
        ),
    ),
    listing(
        "news and events",
        "https://e.example/",
        NAV
        + "<section class=news><h2>News</h2>"
        + each('<div class=n><a data-a href="/news/{s}">{t}</a><time datetime="2026-11-{d}"></time></div>')
        + "</section><section class=events><h2>Events</h2>"
        + "".join(
            f"<div class=e><a href='/events/{i}'>{t}</a> 1.{i + 1}.2027</div>"
            for i, t in enumerate(
                (
                    "Open day of the lifeboat station",
                    "Concert in the old customs house",
                    "Guided tour through the lock",
                    "Annual meeting of the friends",
                )
            )
        )
        + "</section>"
        + FOOTER,
    ),
    listing(
        "query only",
        "https://f.example/index.php",
        "<div id=menu><a href='?page=home'>Home</a><a href='?page=contact'>Contact us today</a></div>"
        + each('<p><a data-a href="?article={n}">{t}</a></p>'),
    ),
    listing(
        "one word slugs",
        "https://g.example/news/",
        NAV
        + "<main>"
        + each('<article><h2><a data-a href="/news/story{i}">{t}</a></h2><p>Words.</p></article>')
        + "</main>"
        + FOOTER,
    ),
    listing(
        "image cards",
        "https://h.example/stories",
        NAV
        + "<div class=tiles>"
        + each('<a data-a class=tile href="/stories/{s}"><img src=x alt="{t}"></a>')
        + "</div>"
        + FOOTER,
    ),
    listing(
        "footer repeats latest",
        "https://i.example/",
        NAV
        + "<main>"
        + each('<div class=post><h3><a data-a href="/p/{n}">{t}</a></h3></div>')
        + "</main><footer><h4>Latest news</h4><ul>"
        + "".join(f"<li><a href='/p/{48210 + 37 * i}'>{t}</a></li>" for i, t in enumerate(HEADLINES[:3]))
        + "</ul><ul><li><a href='/imprint'>Imprint of the publisher</a></li></ul></footer>",
    ),
    listing(
        "link aggregator",
        "https://j.example/",
        "<table><tr><td><a href='/newest'>new</a> | <a href='/submit'>submit</a></td></tr></table><table>"
        + each(
            '<tr><td>{i}.</td><td><span class=titleline><a data-a href="https://site{i}.example/{s}">{t}</a> <a href="/from?site=site{i}.example">(site{i}.example)</a></span></td></tr><tr><td></td><td>5 points by <a href="/user?id=x{i}">x{i}</a> <a href="/item?id={n}">3 hours ago</a> | <a href="/item?id={n}">12 comments</a></td></tr>'
        )
        + "</table>",
    ),
    listing(
        "truncated",
        "https://k2.example/news",
        NAV
        + "<ul class=ticker>"
        + each('<li><a data-a href="/news/{n}" title="{t}">{t:.18}…</a><span>{d}.11.2026</span></li>')
        + "</ul>"
        + FOOTER,
    ),
    listing(
        "court table with file numbers",
        "https://l.example/rulings",
        "<table>"
        + each(
            '<tr><td>{d}.11.2026</td><td><a data-a href="/rulings/{n}">4 StR {n}/26</a></td><td>{t}</td></tr>'
        )
        + "</table>"
        + FOOTER,
    ),
    listing(
        "month archive nav",
        "https://m.example/news/",
        NAV
        + "<div class=months>"
        + "".join(
            f"<a href='/news/2026/{m:02}/'>{n} 2026</a>"
            for m, n in enumerate(("January", "February", "March", "April", "May"), 1)
        )
        + "</div>"
        + each('<div><h3><a data-a href="/news/2026/11/{s}">{t}</a></h3></div>'),
    ),
    listing(
        "nested teaser class",
        "https://n2.example/",
        "<div class='sidebar-left'>"
        "<div class=teaser-list>"
        + each(
            '<div class="teaser teaser--{i}"><a data-a class="teaser__link" href="/a/{n}/{s}"><span class=teaser__kicker>Region</span><span class=teaser__title>{t}</span></a></div>'
        )
        + "</div></div>"
        + FOOTER,
    ),
    listing(
        "few items",
        "https://o.example/news",
        NAV
        + "<div>"
        + each('<div><h2><a data-a href="/news/{s}">{t}</a></h2></div>', HEADLINES[:3])
        + "</div>"
        + FOOTER,
    ),
    listing(
        "headings in dt",
        "https://p.example/",
        "<dl>"
        + each('<dt><a data-a href="/{n}">{t}</a></dt><dd>Words of it, {d} November 2026.</dd>')
        + "</dl>",
    ),
    listing(
        "breadcrumb and back links",
        "https://q.example/a/b/c",
        "<p><a href='/'>Home</a> &gt; <a href='/a'>The ministry of things</a> &gt; <a href='/a/b'>Press and public relations</a></p>"
        + each(
            '<p class="MsoNormal"><span style="x"><a data-a href="/a/b/c/{n}"><font>{t}</font></a></span></p>'
        ),
    ),
    listing(
        "elementor",
        "https://a.example/blog/",
        "<div class='elementor-nav-menu--main'><ul class='elementor-nav-menu'><li class='menu-item'><a class='elementor-item' href='/services/'>Our services for you</a></li><li class='menu-item'><a class='elementor-item' href='/team/'>Team</a></li></ul></div><div class='elementor-posts-container'>"
        + each(
            "<article class='elementor-post elementor-grid-item post-{n}'><a class='elementor-post__thumbnail__link' href='/{s}/'><div><img src=x></div></a><div class='elementor-post__text'><h3 class='elementor-post__title'><a data-a href=\"/{s}/\">{t}</a></h3><div class='elementor-post__excerpt'><p>Words.</p></div><a class='elementor-post__read-more' href='/{s}/'>Read More »</a></div></article>"
        )
        + "</div>",
    ),
    listing(
        "chinese government",
        "http://c.example.cn/xwzx/",
        "<div class=nav><a href='/zwgk/'>政务公开</a><a href='/hdjl/'>互动交流</a><a href='/bsfw/'>办事服务</a></div><ul class=list>"
        + each(
            '<li><a data-a href="./202611/t202611{d}_{n}.html" title="{t}">{t}</a><span>2026-11-{d}</span></li>',
            CHINESE,
        )
        + "</ul><div class=page><a href='index_1.html'>2</a><a href='index_2.html'>下一页</a></div>",
        lang="zh",
    ),
    listing(
        "hebrew",
        "https://h.example/news",
        "<nav><a href='/'>ראשי</a><a href='/about'>אודות</a></nav>"
        + each('<div class=item><a data-a href="/news/{n}"><b>{t}</b></a><i>{d}.11.2026</i></div>', HEBREW),
        lang="he",
    ),
    listing(
        "aspnet grid",
        "https://g.example/News.aspx",
        "<div id='ctl00_menu'><a href='Default.aspx'>Home</a><a href='Contact.aspx'>Contact us</a></div><table id='ctl00_Grid'>"
        + each(
            '<tr><td><span>{d}/11/2026</span></td><td><a id="ctl00_Grid_ctl{i}_lnk" data-x=1></a><a data-a href="NewsDetail.aspx?ID={n}">{t}</a></td></tr>'
        )
        + "<tr><td><a href=\"javascript:__doPostBack('x','Page$2')\">2</a></td></tr></table>",
    ),
    listing(
        "wix-like",
        "https://w.example/news",
        "<div><div><div><a href='https://w.example/'>Home</a></div><div><a href='https://w.example/shop'>Shop</a></div></div></div><div><section><div>"
        + each(
            '<div><div><div><a data-a href="https://w.example/post/{s}"><div><h2><p>{t}</p></h2></div></a></div><div><span>{d} Nov 2026</span><span>2 min</span></div><div><a href="https://w.example/post/{s}"><span>12 views</span></a></div></div></div>'
        )
        + "</div></section></div>",
    ),
    listing(
        "letters and archive",
        "https://z.example/news/",
        "<p>"
        + "".join(f"<a href='/glossary/{c}'>{c}</a>" for c in "ABCDEF")
        + "</p><ul>"
        + each('<li><a data-a href="/news/{d}-11-2026-{s}">{t}</a></li>')
        + "</ul><ul>"
        + "".join(f"<li><a href='/news/archive/{y}'>News of the year {y}</a></li>" for y in range(2019, 2026))
        + "</ul>",
    ),
    listing(
        "questions with three links",
        "https://p.example/questions",
        "<table class=q>"
        + each(
            '<tr><td><a href="/members/{i}">Member {i} of Ostwick North</a></td><td><a data-a href="/questions/{n}">{t}</a></td><td><a href="/questions/{n}/answer.pdf">Answer</a></td></tr>'
        )
        + "</table>",
    ),
    listing(
        "image heading mehr",
        "https://m.example/presse",
        "<header><a href='/'>Start</a></header>"
        + each(
            '<div class="box"><a href="/presse/{s}"><img src=x alt=""></a><div class=h>{t}</div><div>Ein Text dazu, der etwas länger ist.</div><a data-a href="/presse/{s}" class="btn btn-primary">mehr</a></div>',
            GERMAN,
        ),
    ),
    listing(
        "home page mixed",
        "https://n.example/",
        DIV_NAV
        + '<div class=lead><a data-a href="/world/storm-hits-the-coast-and-leaves-1"><h1>Storm hits the coast and leaves towns dark</h1></a></div><div class=col>'
        + each('<div class="story story-m"><a data-a href="/world/{s}"><h3>{t}</h3></a></div>', HEADLINES[:5])
        + "</div><div class=col>"
        + each('<div class="story story-s"><a data-a href="/sport/{s}">{t}</a></div>', HEADLINES[5:])
        + "</div><div class=sponsored><a href='https://ads.example/click?id=1'>Ten tricks to save on your insurance today</a></div>"
        + DIV_FOOTER,
    ),
    listing(
        "sharepoint",
        "https://s.example/sites/press/Pages/default.aspx",
        "<div class='ms-core-navigation'><ul><li><a href='/sites/press/Pages/contacts.aspx'>Press contacts and accreditation</a></li><li><a href='/sites/press/Pages/photos.aspx'>Photos</a></li></ul></div><ul class='dfwp-list'>"
        + each(
            '<li class="dfwp-item"><div class="item link-item"><a data-a href="/sites/press/Lists/Releases/DispForm.aspx?ID={i}00" title="">{t}</a></div><div class=description>{d}.11.2026</div></li>'
        )
        + "</ul>",
    ),
    listing(
        "spans with br",
        "https://x.example/news.html",
        "<a href='index.html'>Home</a> <a href='club.html'>Our club</a><hr>"
        + each('<b>{d}.11.2026</b> <a data-a href="n/{n}.html">{t}</a><br>')
        + "<hr><a href='imp.html'>Imprint</a>",
    ),
    listing(
        "rows of three",
        "https://r.example/stories/",
        NAV
        + "".join(
            "<div class=row>"
            + each(
                '<div class="col-md-4"><a data-a href="/stories/{s}"><img src=x><p class=caption>{t}</p></a></div>',
                HEADLINES[i : i + 3],
            )
            + "</div>"
            for i in (0, 3, 6)
        )
        + FOOTER,
    ),
    listing(
        "all caps categories",
        "https://v.example/",
        "<ul class=sections><li><a href='/SECTION/HARBOUR-AND-SHIPPING'>HARBOUR AND SHIPPING</a></li><li><a href='/SECTION/TOWN-AND-COUNTRY'>TOWN AND COUNTRY</a></li><li><a href='/SECTION/SCIENCE-AND-NATURE'>SCIENCE AND NATURE</a></li></ul>"
        + each(
            '<article><a href="/SECTION/HARBOUR-AND-SHIPPING">HARBOUR AND SHIPPING</a><h2><a data-a href="/{s}-{n}">{t}</a></h2></article>'
        ),
    ),
)

#: Pages that list no articles.
NO_LISTINGS = {
    "article": "<nav><a href='/'>Home</a><a href='/news'>News</a></nav><h1>Pier</h1><p>"
    + "The council voted. " * 40
    + "</p><a href='/imprint'>Imprint</a>",
    "login": "<form><input><a href='/register'>Register</a><a href='/password'>Forgot your password?</a></form>",
    "navigation only": NAV + DIV_NAV + FOOTER + TAGS,
    "application": "<div id='root'></div><script src='/app.js'></script>",
    "share links": SHARE + PAGER,
}
