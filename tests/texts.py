"""Articles that nobody wrote: words with the frequencies of a language, in sentences and paragraphs."""

import random
from collections.abc import Callable
from itertools import accumulate

_SYLLABLES = (
    "ka",
    "ro",
    "mi",
    "ten",
    "sol",
    "var",
    "ni",
    "lo",
    "dra",
    "pe",
    "shu",
    "gor",
    "el",
    "ab",
    "ist",
    "um",
)


class Texts:
    """Makes texts of one made-up language, and copies of them as outlets make them; the same for a seed."""

    def __init__(self, seed: int, *, words: int = 6_000) -> None:
        self.random = random.Random(seed)
        made: dict[str, None] = {}
        while len(made) < words:
            made["".join(self.random.choices(_SYLLABLES, k=self.random.randint(1, 4)))] = None
        self._words = list(made)
        # Source: Zipf's law
        self._weights = list(accumulate(1 / (rank + 3) for rank in range(words)))

    def words(self, count: int) -> list[str]:
        """Return words of the language."""
        return self.random.choices(self._words, cum_weights=self._weights, k=count)

    def paragraph(self, words: int = 60) -> str:
        """Return a paragraph of sentences."""
        sentences = []
        while words > 0:
            length = self.random.randint(8, 22)
            sentences.append(" ".join(self.words(length)).capitalize() + ".")
            words -= length
        return " ".join(sentences)

    def article(self, paragraphs: int | None = None) -> str:
        """Return a text of some hundred words."""
        count = self.random.randint(4, 12) if paragraphs is None else paragraphs
        return "\n\n".join(self.paragraph(self.random.randint(30, 80)) for _ in range(count))

    def edited(self, text: str, share: float) -> str:
        """Return a text with this share of its words changed, dropped or added."""

        def word(old: str) -> str:
            if self.random.random() >= share:
                return old
            return self.random.choice(("", self.words(1)[0], f"{old} {self.words(1)[0]}"))

        return "\n\n".join(
            " ".join(filter(None, map(word, paragraph.split(" ")))) for paragraph in text.split("\n\n")
        )

    def cut(self, text: str, share: float) -> str:
        """Return a text without this share of it, from the end."""
        words = text.split(" ")
        return " ".join(words[: max(1, round(len(words) * (1 - share)))])

    def with_more(self, text: str, share: float) -> str:
        """Return a text with an introduction of the outlet's own, so long beside the text."""
        return f"{self.paragraph(round(len(text.split()) * share))}\n\n{text}"

    def rearranged(self, text: str, share: float) -> str:
        """Return a text with its paragraphs in another order, and this share of its words edited."""
        paragraphs = self.edited(text, share).split("\n\n")
        self.random.shuffle(paragraphs)
        return "\n\n".join(paragraphs)

    def syndicated(self, text: str, share: float) -> str:
        """Return a copy as some outlet would print it."""
        ways: tuple[Callable[[str, float], str], ...] = (
            self.edited, self.cut, self.with_more, self.rearranged
        )  # fmt: skip
        return self.random.choice(ways)(text, share)
