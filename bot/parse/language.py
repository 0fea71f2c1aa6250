"""Tell the language of an article from its words.

Last step of ``article.extract``. Says None rather than guess: a wrong language is worse than none.
"""

from functools import cache
from typing import Any

#: Measured: title and 200 characters tell as well as the whole text.
_CHARS = 200
#: Fewer letters than this are a name or a number, not a language.
_LETTERS = 20
#: Ideographs and syllables say more each.
_LETTERS_DENSE = 6
_SURE = 0.8


def detect(title: str, text: str) -> str | None:
    """Return the ISO 639-1 code of an article's language, or None where it is too short or doubtful."""
    sample = f"{title.strip()} {text[:_CHARS].strip()}".strip()
    letters = [letter for letter in sample if letter.isalpha()]
    dense = sum(letter >= "\u2e80" for letter in letters)
    if len(letters) < _LETTERS and dense < _LETTERS_DENSE:
        return None
    if sample.isupper():
        sample = sample.lower()
    code, probability = _identifier().classify(sample)
    return str(code) if probability >= _SURE else None


@cache
def _identifier() -> Any:
    """Load the model once for each process; 0.2 s and 50 MB, so not before it is needed."""
    import numpy as np
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    # Egyptian Arabic, Wu and a hundred others have no code of two letters, and halve the certainty of Arabic.
    whole.set_languages(sorted({label for label in whole.labels if len(label) == 2}))
    # One of its own: the whole keeps the others too, and its rows are scattered over all of the table.
    return LanguageIdentifier(
        np.ascontiguousarray(whole.nb_ptc),
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )
