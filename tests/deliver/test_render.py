"""How a digest looks as HTML and as text: the same facts in both, in the reader's zone."""

import json
import os
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.deliver import render
from bot.deliver.blocks import message
from bot.deliver.plain import columns, wrap
from bot.model import Coverage, Health, SourceFlood, SourceRecovery, SourceTrouble, WatchHistory
from tests.deliver.examples import (
    SINCE,
    SLOT,
    a_mention,
    composed,
    flood,
    found,
    morning_brief,
    quiet_day,
    troubled_night,
)

DATA = Path(__file__).parents[1] / "data" / "digests"
EXAMPLES = {
    "morning": morning_brief(),
    "morning-web": morning_brief(web_url="https://news.example"),
    "quiet": quiet_day(),
    "troubled": troubled_night(),
}
WEB = "https://news.example"


def words_of(page):
    """The text of a page, without its styles."""
    return re.sub(
        r"\s+", " ", re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL))
    )


class Outline(HTMLParser):
    """Tags, attributes and words of a page, whatever the order in which an inliner writes attributes."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def handle_starttag(self, tag, attrs):
        facts = {name: sorted(value.split(";")) if name == "style" else value for name, value in attrs}
        self.lines.append(f"{tag} {sorted(facts.items())}")

    def handle_endtag(self, tag):
        self.lines.append(f"/{tag}")

    def handle_data(self, data):
        self.lines += [data.strip()] if data.strip() else []


def outline(page):
    parser = Outline()
    parser.feed(page)
    return parser.lines


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("suffix", ["html", "txt"])
def test_the_golden_digests_are_drawn_as_they_were(name, suffix):
    """``NEWSBOT_GOLDEN=write`` draws them anew; look at the difference before it is committed."""
    drawn = render.html(EXAMPLES[name]) if suffix == "html" else render.text(EXAMPLES[name])
    golden = DATA / f"{name}.{suffix}"
    if os.environ.get("NEWSBOT_GOLDEN") == "write":
        golden.write_text(drawn, encoding="utf-8")
    expected = golden.read_text(encoding="utf-8")
    assert outline(drawn) == outline(expected) if suffix == "html" else drawn == expected


@pytest.mark.parametrize("name", ["morning", "troubled"])
def test_the_golden_slack_messages_are_drawn_as_they_were(name):
    """See above for how to draw them anew."""
    drawn = json.dumps(
        json.loads(message(EXAMPLES[name], message_id="<a@b.example>")), ensure_ascii=False, indent=1
    )
    golden = DATA / f"{name}.slack.json"
    if os.environ.get("NEWSBOT_GOLDEN") == "write":
        golden.write_text(drawn + "\n", encoding="utf-8")
    assert drawn + "\n" == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "draw", [lambda digest: words_of(render.html(digest)), render.text], ids=["html", "text"]
)
def test_html_and_text_say_the_same(draw):
    said = draw(morning_brief())
    for words in (
        "Fri 20 Nov 07:00 to Sat 21 Nov 07:00 (Europe/Paris)",
        "▲ 70%",
        "14-day mean of 11 a day",
        "8 Nov",
        "12 mentions · 9 outlets",
        "▲ 126%",
        "Combined Space Operations initiative",
        "Ten CSpO partners agree on shared rules for on-orbit manoeuvres",
        "Fri 21:40",
        "8 outlets",
        "FR",
        "The Wellington Post",
        "and 3 more",
        "newsbot explain 10",
        "Ground-segment tenders",
        "last mention 18 Nov",
        "Nordlicht Zeitung: HTTP 403 on every poll since Thu 19 Nov 14:10",
        "214 sources checked, 3 failing, 1,930 articles: 1,889 in full, 22 from the",
        "19 unread",
        "Sent every day at 07:00; next: Sun 22 Nov 07:00.",
        "d-20261121-060000-morning",
    ):
        assert words in said
    assert "English" not in said


@pytest.mark.parametrize(
    "draw", [lambda digest: words_of(render.html(digest)), render.text], ids=["html", "text"]
)
def test_an_empty_digest_says_what_was_looked_at(draw):
    said = " ".join(draw(quiet_day()).split())
    assert (
        "Newsbot read 1,312 articles from 46 sources and none matched the 4 watches of this digest." in said
    )
    assert "46 sources checked, 1,312 articles: 1,312 in full." in said
    unchecked = " ".join(draw(composed((), (), coverage=Coverage())).split())
    assert "no source was checked" in unchecked
    unanswered = Coverage(sources_checked=3, sources_unanswered=3, sources_failing=3, articles=2)
    unanswered = " ".join(draw(composed((), (), coverage=unanswered)).split())
    assert "no source gave a good answer in this period: there may be news all the same" in unanswered
    partly = Coverage(sources_checked=46, sources_unanswered=40, sources_failing=40, articles=12, in_full=12)
    assert "read 12 articles from 6 sources" in " ".join(draw(composed((), (), coverage=partly)).split())
    without_news = " ".join(draw(composed((), (), coverage=Coverage(sources_checked=1))).split())
    assert "Newsbot checked 1 source, and none had a new article." in without_news


@pytest.mark.parametrize(
    "draw",
    [
        lambda digest: words_of(render.html(digest)).replace("&#39;", "'"),
        render.text,
        lambda digest: "\n".join(
            element["text"]
            for block in json.loads(message(digest, message_id="<a@b.example>"))["blocks"]
            for element in block.get("elements", [block.get("text")])
        ),
    ],
    ids=["html", "text", "slack"],
)
def test_every_format_says_how_the_sources_are_doing(draw):
    said = " ".join(re.sub(r"[`\u200b]", "", draw(troubled_night())).replace("&rarr;", "→").split())
    for words in (
        "45 of 48 sources checked, 2 failing, 1 unusually quiet, 1 with unreadable pages, 1 listing nothing",
        "listing nothing, 1 listing old items again, 1 paused, 2 not read yet, 1,312 articles: 1,312 in full.",
        "5 sources need a look",
        "Nordlicht Zeitung: the server refuses us (HTTP 403) since Thu 19 Nov 14:10",
        "Il Corriere dello Spazio (new): nothing new for 9 days, in which it used to bring about 41 items",
        "the site says that there is nothing, since Thu 19 Nov 14:10",
        "SatMarket Daily (new): paused: the server says that it is gone for good (HTTP 410) since Fri 20 Nov 08:00",
        "Well again: De Ruimtekrant (it answers again, after trouble since Thu 19 Nov 14:10), Toulouse Matin",
        "Toulouse Matin (it lists something again)",
        "Lancering listed 1,240 old items again: held back",
        "Défense Hebdo listed 300 old items again: held back",
        "The network was down from Sat 21 Nov 06:10 until this digest was written",
        "but the network has been down since Sat 21 Nov 06:10: there may be news all the same.",
    ):
        assert words in said
    # a silence is told by its length, not by when it was noticed
    assert "41 items since" not in said
    assert said.index("Il Corriere") < said.index("Nordlicht")
    assert said.index("Lancering") < said.index("Défense Hebdo")


@pytest.mark.parametrize(
    "draw", [lambda digest: words_of(render.html(digest)), render.text], ids=["html", "text"]
)
def test_what_can_be_done_about_a_source_stands_beside_it(draw):
    said = " ".join(draw(troubled_night()).replace("&rarr;", "→").replace("`", "").split())
    assert "→ newsbot source fix satmarket" in said
    assert "→ see whether a browser is let in" in said
    assert "HTTP 500) since Thu 19 Nov 14:10" in said
    assert said.count("→") == 4


def test_long_lists_of_sources_are_cut_and_the_rest_counted():
    names = [f"Source {number}" for number in range(20)]
    digest = troubled_night(
        troubles=[SourceTrouble(name=name, message="it fails " * 40, kind="dns") for name in names],
        recovered=[SourceRecovery(name=name, message="well", trouble=Health.EMPTY) for name in names],
        floods=[SourceFlood(name=name, entries=99) for name in names],
    )
    text, page = " ".join(render.text(digest).split()), words_of(render.html(digest))
    assert "20 sources need a look" in text
    for drawn in (text, page):
        assert drawn.count("and 12 more") == 2
        assert "and 12 sources more" in drawn
    slack = message(digest, message_id="<a@b.example>").decode()
    assert len(slack) < 5000
    assert slack.count(" more") >= 3


def test_in_slack_what_is_wrong_goes_before_what_can_be_done():
    troubles = [
        SourceTrouble(
            host="news.example",
            name=f"Source {n}",
            message="there is nothing at this address (HTTP 404)",
            kind="not_found",
        )
        for n in range(8)
    ]
    few = message(troubled_night(troubles=troubles[:2]), message_id="<a@b.example>").decode()
    many = message(troubled_night(troubles=troubles), message_id="<a@b.example>").decode()
    assert "`newsbot source try https://news.example`" in few
    assert "newsbot source try" not in many
    assert "Source 7" in many


def test_without_a_web_part_every_link_leads_to_an_article():
    links = re.findall(r'href="([^"]*)"', render.html(morning_brief()))
    assert links
    assert all(re.match(r"https://[^/]+\.example/\d$", link) for link in links)
    assert "Wrong match?" not in render.html(morning_brief())


def test_with_a_web_part_there_are_links_to_it():
    page = render.html(morning_brief(web_url=f"{WEB}/"))
    assert f'href="{WEB}/mentions?digest=d-20261121-060000-morning"' in page
    assert f'href="{WEB}/mentions/10"' in page
    assert "Open all 19 mentions" in page
    assert "newsbot explain" not in page
    assert f"{WEB}/mentions/10" in render.text(morning_brief(web_url=WEB))
    assert "dashboard" in render.html(quiet_day(web_url=WEB))


def test_a_web_address_that_is_none_is_not_linked():
    assert "javascript" not in render.html(morning_brief(web_url="javascript:alert(1)"))


def test_nothing_is_loaded_from_elsewhere():
    page = render.html(morning_brief(web_url=WEB))
    assert not re.search(r"<(img|link|script|iframe|object|embed|svg)\b|\ssrc=|url\(|@import", page)


def test_styles_are_inlined_and_the_dark_ones_kept():
    page = render.html(morning_brief())
    assert "prefers-color-scheme:dark" in page
    assert page.count("<style") == 1
    assert re.search(r'<h1 class="name" style="[^"]*font-size:24px', page)
    assert page.index("charset") < 1024


@pytest.mark.parametrize(("stories", "watches"), [(1000, 1), (1000, 4), (1000, 30), (1000, 200), (26, 1)])
def test_a_flood_is_cut_and_the_rest_counted(stories, watches):
    digest = flood(stories, watches)
    page, text = render.html(digest), render.text(digest, most_bytes=20_000)
    assert len(page.encode()) < 95_000
    assert len(text.encode()) < 20_000
    assert "more" in page
    assert "more" in text
    shown = page.count('class="title"')
    left = sum(int(n.replace(",", "")) for n in re.findall(r"and ([\d,]+) more", page))
    if watches <= 30:
        assert shown + left == stories


def test_before_stories_are_cut_the_last_ones_lose_their_excerpts():
    page = render.html(flood(60, 4), most_bytes=70_000)
    assert page.count('class="title"') == 60
    assert 10 <= page.count('class="story"') < 60
    assert page.index('class="brief"') > page.index('class="story"')


def test_times_are_the_zone_s_and_old_ones_have_a_date():
    mentions = (
        a_mention(1, published_at=SINCE + timedelta(hours=17)),
        a_mention(2, published_at=SLOT - timedelta(days=30)),
        a_mention(3, published_at=SLOT - timedelta(days=700)),
    )
    text = render.text(composed(found(*mentions), timezone="Asia/Tokyo"))
    assert "Sat 08:00" in text
    assert "22 Oct" in text
    assert "21 Dec 2024" in text
    assert "(Asia/Tokyo)" in text


def test_marks_that_do_not_fit_the_excerpt_are_left_out():
    marks = ((-5, 2), (0, 4), (2, 6), (9, 7), (5, 900))
    page = render.html(composed(found(a_mention(1, excerpt="CSpO met in Rome.", marks=marks))))
    assert re.findall(r'<span class="hit"[^>]*>([^<]*)</span>', page) == ["CSpO"]


def test_languages_are_badges_only_where_they_are_codes():
    mentions = [
        a_mention(n, language=code) for n, code in enumerate(("fr", "en", None, '"><b>', "xyzzy"), start=1)
    ]
    page = render.html(composed(found(*mentions)))
    assert re.findall(r'<span class="lang"[^>]*>([^<]*)</span>', page) == ["FR"]
    assert 'lang="fr"' in page


def test_small_numbers_are_said_in_the_singular():
    digest = composed(
        found(a_mention(1)),
        [WatchHistory(key="cspo", name="CSpO")],
        coverage=Coverage(sources_checked=1, articles=1, summary_only=1),
        troubles=[SourceTrouble(name="A", message="b")],
    )
    text = render.text(digest)
    assert "1 mention in 1 story from 1 outlet" in text
    assert "1 source checked, 1 article: 1 by summary only." in text
    assert "1 source needs a look" in text
    assert "1 mentions" not in words_of(render.html(digest))


def test_schedules_are_said_in_a_sentence():
    said = {
        schedule: render.text(replace(quiet_day(), schedule=schedule, next_slot=None))
        for schedule in ("every monday and friday at 07:00", "immediately", "cron 0 7 1 * *")
    }
    assert "Sent every Monday and Friday at 07:00." in said["every monday and friday at 07:00"]
    assert "Sent as soon as there is something to tell." in said["immediately"]
    assert "Sent on the schedule “0 7 1 * *”." in said["cron 0 7 1 * *"]


@pytest.mark.parametrize(
    "text", ["word " * 100, "x" * 500, "新聞" * 200, "a " + "y" * 77 + " b", "", "e\u0301" * 300]
)
def test_wrapped_lines_fit_and_lose_nothing(text):
    lines = wrap(text, first="* ", indent="  ")
    assert all(columns(line) <= 78 for line in lines)
    assert "".join(lines).replace(" ", "").removeprefix("*") == text.replace(" ", "")


def test_numbers_of_many_digits_are_grouped():
    digest = replace(quiet_day(), coverage=Coverage(sources_checked=8250, articles=1234567))
    assert "8,250 sources checked, 1,234,567 articles" in render.text(digest)
