"""Stories of a small generated archive with every kind of copy and of look-alike; figures in ``docs/articles.md``."""

from collections import Counter

from bot.parse import sketch
from bot.store import Store, articles
from tests.store.build import NOW, a_source, add_article, add_sources
from tests.texts import Texts


def pairs(counts: Counter) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def test_copies_of_all_kinds_are_found_and_look_alikes_are_not(store: Store):
    texts = Texts(11)
    chance = texts.random
    number = add_sources(store, a_source())["orbit"]
    templates = [texts.words(150) for _ in range(4)]
    background = [texts.paragraph(60) for _ in range(8)]
    told: list[tuple[int, str]] = []
    truth: list[int] = []
    found: list[int | None] = []
    for place in range(400):
        host = f"site{chance.randrange(200)}.example"
        if told and chance.random() < 0.3:
            story, text = chance.choice(told[-60:])
            text = texts.syndicated(text, chance.uniform(0, 0.3))
        else:
            story, text = place, texts.article()
            if chance.random() < 0.1:
                which = chance.randrange(4)
                host = f"template{which}.example"
                text = " ".join(
                    texts.words(1)[0] if chance.random() < 0.1 else word for word in templates[which]
                )
            elif chance.random() < 0.2:
                text += f"\n\n{chance.choice(background)}"
            told.append((place, text))
        article = add_article(
            store,
            number,
            f"n{place}",
            url=f"https://{host}/{place}",
            text=text,
            sketch=sketch.of(text),
            now=NOW,
        )
        stored = store.read(articles.get, article)
        assert stored is not None
        truth.append(story)
        found.append(stored.story_id)
    right = pairs(Counter(zip(truth, found, strict=True)))
    assert right >= 0.99 * pairs(Counter(found))
    assert right >= 0.95 * pairs(Counter(truth))
