"""How fast the matcher is: articles a second on one core, with mentions, spans and excerpts, for 1 to 100,000 watches.

Run it with ``python benchmarks/matching.py`` (``--quick`` takes fewer articles and leaves out 100,000
watches). Everything is measured in one run on generated articles of about 3 kB in nine languages and
scripts, beside three other ways to do the same job:

- ``re``: one alternation of all terms, case-insensitive, with word boundaries, spans included;
- ``flashtext``, where it is installed (``pip install flashtext``): keywords with spans, nothing else;
- ``FTS5``: each article put into a full-text table of its own, then every watch asked.

"offsets" leaves out the excerpts. The last line is the time from an edited file of watches to the new
watch being live among 10,000, as the daemon takes it over. Only ratios within one run mean anything:
machines differ.
"""

import argparse
import gc
import json
import os
import random
import re
import sqlite3
import tempfile
import time
from bisect import bisect
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path

from bot.app import calm_collector, settings_from
from bot.match import matcher
from bot.match.fold import fold
from bot.match.fold_tables import tables
from bot.model import Article, Watch

#: syllables of made-up languages: what counts is the script, the length of words and their frequencies
SCRIPTS: dict[str, tuple[str, str]] = {
    "english": ("a e i o u ai ea ou", "b c d f g h l m n p r s t th st tr sh ck nd"),
    "french": ("a e é è ê i o u ou ai eau", "b c ç d f g l m n p r s t ch qu gn tr"),
    "german": ("a e i o u ä ö ü ei ie au", "b d f g h k l m n r s t w z sch ch st b d f g h k l m n r s t w z sch ch st ß"),
    "russian": ("а е и о у ы я ю ё", "б в г д ж з к л м н п р с т ф х ц ч ш щ й"),
    "greek": ("α ε η ι ο υ ω ά έ ή ό ου ει", "β γ δ ζ θ κ λ μ ν π ρ σ τ φ χ ψ"),
    "arabic": ("ا و ي ى ة", "ب ت ث ج ح خ د ر ز س ش ص ض ط ع غ ف ق ك ل م ن ه"),
    "korean": ("", "가 나 다 라 마 바 사 아 자 차 한 국 정 부 인 민 우 주 작 전 대 통 령 회 의 에 는 을 도"),
    "japanese": ("", "の に は を た が で て と し れ さ 日 本 国 宇 宙 作 戦 防 衛 省 会 社 年 月 大 人 中 新 連 合 カ タ ン ー ス ル"),
    "thai": ("ะ า ิ ี ึ ื ุ ู เ แ โ ไ", "ก ข ค ง จ ช ด ต ถ ท น บ ป พ ม ย ร ล ว ส ห อ ก ข ค ง จ ช ด ต ถ ท น บ ป พ ม ย ร ล ว ส ห อ ก่ น้ นำ"),
}  # fmt: skip
#: further characters: first, after the last, step
MANY = {"korean": (0xAC00, 0xD7A0, 37), "japanese": (0x4E00, 0x9F00, 29)}
SPACELESS = {"japanese", "thai"}
VOCABULARY = 30_000
BYTES = 3_200


class Language:
    """A made-up language: words with Zipf's frequencies, as in real text."""

    def __init__(self, name: str, rng: random.Random) -> None:
        vowels, consonants = (part.split() for part in SCRIPTS[name])
        # scripts with many characters: as many as a newspaper uses often
        consonants += [chr(point) for point in range(*MANY.get(name, (0, 0, 1)))]
        self.spaceless = name in SPACELESS
        self._rng = rng
        words: dict[str, None] = {}
        while len(words) < VOCABULARY:
            count = rng.choice((1, 2, 2, 3, 3, 4)) + (1 if len(words) > 100 else 0)
            pairs = [rng.choice(consonants) + (rng.choice(vowels) if vowels else "") for _ in range(count)]
            words["".join(pairs)] = None
        self.words = list(words)
        self._sums = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))

    def word(self) -> str:
        return self.words[bisect(self._sums, self._rng.random() * self._sums[-1]) % VOCABULARY]

    def sentence(self) -> str:
        words = [self.word() for _ in range(self._rng.randint(8, 24))]
        if self.spaceless:
            return "".join(words) + "。"
        words[0] = words[0].capitalize()
        if self._rng.random() < 0.3:
            words[len(words) // 2] += ","
        return " ".join(words) + ". "

    def article(self) -> Article:
        sentences = [self.sentence()]
        while sum(len(sentence.encode()) for sentence in sentences) < BYTES:
            sentences.append(self.sentence() + ("\n\n" if self._rng.random() < 0.2 else ""))
        return Article(url="https://bench.example/", title=self.sentence().strip(), text="".join(sentences))


def a_term(languages: Sequence[Language], rng: random.Random) -> str:
    """A word of the rarer nine tenths, a phrase, an exact acronym or a prefix."""
    language = rng.choice(languages)
    kind = rng.random()
    rare = language.words[rng.randint(VOCABULARY // 10, VOCABULARY - 1)]
    if kind < 0.45:
        return f'"{rare}"'
    if kind < 0.75:
        return f'"{language.word()} {rare}"' if not language.spaceless else f'"{language.word()}{rare}"'
    if kind < 0.9:
        return "{" + rare.upper()[:5] + str(rng.randint(1, 99)) + "}"
    stem = rare[:5]
    return f"{stem}*" if len(stem) > 3 and stem.isalpha() and fold(stem).text.count(" ") == 2 else f'"{rare}"'


def watches(count: int, languages: Sequence[Language], rng: random.Random) -> list[Watch]:
    """Half bare ORs of three terms, a quarter with a required group, a quarter with NOT; 3.6 terms each."""
    made = []
    for number in range(count):
        shape = rng.random()
        terms = [a_term(languages, rng) for _ in range(5)]
        common = f'"{rng.choice(languages).word()}"'
        if shape < 0.5:
            query = " OR ".join(terms[:3])
        elif shape < 0.75:
            query = f"({terms[0]} OR {terms[1]} OR {common}) AND ({terms[2]} OR {terms[3]})"
        else:
            query = f"({terms[0]} OR {terms[1]}) AND NOT ({terms[2]} OR {terms[3]})"
        made.append(Watch(key=f"w{number}", query=query))
    return made


def resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def timed(job: Callable[[Article], object], articles: Sequence[Article]) -> list[float]:
    """CPU seconds of each article."""
    clock = time.process_time
    spent = []
    for article in articles:
        began = clock()
        job(article)
        spent.append(clock() - began)
    return spent


def line(name: str, spent: list[float], extra: str) -> None:
    ordered = sorted(spent)
    p99 = ordered[int(len(ordered) * 0.99)] * 1e6
    print(f"{name:<26}{len(spent) / sum(spent):>10,.0f} /s   p99 {p99:>9,.0f} µs   {extra}", flush=True)


def measure(count: int, articles: Sequence[Article], languages: Sequence[Language]) -> list[Watch]:
    """Measure the matcher with this many watches."""
    rng = random.Random(count)
    chosen = watches(count, languages, rng)
    gc.collect()
    before, began = resident_mb(), time.process_time()
    engine = matcher.compile(chosen)
    built = time.process_time() - began
    began = time.process_time()
    matcher.compile(chosen)
    again = time.process_time() - began
    mentions = [engine.find(article) for article in articles]
    if len(articles) < 1_100:
        # by then it knows which terms are rare
        for article in articles:
            engine.find(article)
    gc.collect()
    gc.freeze()
    spent = timed(engine.find, articles)
    found = sum(map(len, mentions)) / len(articles)
    extra = f"{found:6.2f} mentions an article   compiled in {built:.2f} s, again in {again:.2f} s   {resident_mb() - before:,.0f} MB"
    line(f"{count:,} watches", spent, extra)
    line("  offsets only", timed(lambda article: engine.find(article, excerpts=False), articles), "")
    gc.unfreeze()
    return chosen


def at_equal_matches(articles: Sequence[Article], languages: Sequence[Language]) -> None:
    """Measure what more watches cost when they find nothing: 1,000 that do, and others beside them."""
    rng = random.Random(1)
    finding = watches(1_000, languages, rng)
    idle = [
        Watch(key=f"idle{number}", query=" OR ".join(f'"{rng.choice(languages).word()}q{number}x{part}"' for part in range(3)))
        for number in range(99_000)
    ]  # fmt: skip
    costs = []
    for count in (0, 9_000, 99_000):
        engine = matcher.compile([*finding, *idle[:count]])
        for article in articles:
            engine.find(article)
        gc.collect()
        gc.freeze()
        spent = timed(engine.find, articles)
        gc.unfreeze()
        costs.append(sum(spent))
        ratio = "" if count == 0 else f"{costs[-1] / costs[-2]:.2f} × the cost of a tenth of them"
        line(f"  {1_000 + count:,} at equal matches", spent, ratio)


def beside_re(chosen: Sequence[Watch], articles: Sequence[Article]) -> None:
    """One alternation of all terms: no boolean layer, no folding but case, no prefixes."""
    terms = sorted(
        {term for watch in chosen for term in re.findall(r'["{](.*?)["}]', watch.query)},
        key=len,
        reverse=True,
    )
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, terms)) + r")\b", re.IGNORECASE)
    spent = timed(lambda article: [match.span() for match in pattern.finditer(article.text)], articles)
    line(f"  re, {len(terms):,} terms", spent, "spans of terms only")


def beside_flashtext(chosen: Sequence[Watch], articles: Sequence[Article]) -> None:
    """Keywords found whole, case-insensitive, without folding, prefixes or a boolean layer."""
    try:
        from flashtext import KeywordProcessor
    except ImportError:
        print("  flashtext is not installed")
        return
    processor = KeywordProcessor(case_sensitive=False)
    terms = {term for watch in chosen for term in re.findall(r'["{](.*?)["}]', watch.query)}
    for term in terms:
        processor.add_keyword(term)
    spent = timed(lambda article: processor.extract_keywords(article.text, span_info=True), articles)
    line(f"  flashtext, {len(terms):,} terms", spent, "spans of terms only; misses overlaps")


def until_live(chosen: Sequence[Watch]) -> None:
    """Measure how long the daemon takes from an edited file to a matcher with the new watch."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "config"
        (folder / "watchlists.d").mkdir(parents=True)
        (folder / "newsbot.yaml").write_text("contact: mailto:bench@example.org\n")
        (folder / "sources.yaml").write_text('sources:\n  - {name: S, feed: "https://s.example/feed"}\n')
        small = folder / "watchlists.yaml"
        small.write_text("watches:\n  mine: {any: [AsterX]}\n")
        quoted = (f"  {watch.key}: {{query: {json.dumps(watch.query)}}}\n" for watch in chosen)
        (folder / "watchlists.d" / "many.yaml").write_text("watches:\n" + "".join(quoted))
        began = time.perf_counter()
        settings = settings_from(folder, environ={})
        engine = matcher.compile(settings.watches)
        cold = time.perf_counter() - began
        calm_collector()
        small.write_text("watches:\n  mine: {any: [AsterX]}\n  new: {any: [CSpO]}\n")
        began = time.perf_counter()
        settings = settings_from(folder, environ={})
        read = time.perf_counter() - began
        engine = matcher.compile(settings.watches, before=engine)
        live = time.perf_counter() - began
        assert engine.find(Article(url="https://s.example/", text="CSpO"))
    print(
        f"a new watch among {len(chosen):,} is live {live:.2f} s after its file was edited ({read:.2f} s of it reading the "
        f"configuration, {live - read:.2f} s compiling); all of them at start: {cold:.2f} s"
    )


def beside_fts5(chosen: Sequence[Watch], articles: Sequence[Article]) -> None:
    """One document at a time in SQLite's full-text index, every watch asked; no spans."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE doc USING fts5(title, text, tokenize='unicode61 remove_diacritics 2')"
    )
    queries = [re.sub(r"\{(.*?)\}", r'"\1"', watch.query).replace(" AND NOT ", " NOT ") for watch in chosen]
    queries = [re.sub(r"(?<![\w\"])(\w+)\*", r'"\1"*', query) for query in queries]

    def ask(article: Article) -> int:
        database.execute("DELETE FROM doc")
        database.execute("INSERT INTO doc VALUES (?, ?)", (article.title, article.text))
        return sum(
            1
            for query in queries
            if database.execute("SELECT 1 FROM doc WHERE doc MATCH ?", (query,)).fetchone()
        )

    line("  FTS5, a document at a time", timed(ask, articles), "yes or no only")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer articles, no 100,000 watches")
    options = parser.parse_args()
    rng = random.Random(7)
    languages = [Language(name, rng) for name in SCRIPTS]
    began = time.process_time()
    tables()
    print(f"folding tables built in {time.process_time() - began:.2f} s")
    articles = [
        languages[number % len(languages)].article() for number in range(450 if options.quick else 1_800)
    ]
    size = sum(len((article.title + article.text).encode()) for article in articles) / len(articles)
    print(
        f"{len(articles):,} articles of {size:,.0f} bytes in {len(languages)} languages; one core, CPU time"
    )
    line(
        "folding alone",
        timed(lambda article: fold(article.title, article.text), articles),
        "offset map included",
    )
    for name, language in zip(SCRIPTS, languages, strict=True):
        own = articles[languages.index(language) :: len(languages)]
        line(f"  {name}", timed(lambda article: fold(article.title, article.text), own), "")
    for count in (1, 100, 1_000, 10_000, *([] if options.quick else [100_000])):
        chosen = measure(count, articles, languages)
        if count <= 10_000:
            few = articles[: max(9, 900 // count)]
            beside_re(chosen, few)
            beside_flashtext(chosen, articles[:450])
            if count <= 1_000:
                beside_fts5(chosen, few)
        if count == 10_000:
            until_live(chosen)
            at_equal_matches(articles, languages)


if __name__ == "__main__":
    main()
