"""keras.preprocessing.text, of Keras 2: texts as sequences of numbers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from autograd.engine.diagnose import check_choice
from autograd.errors import ArgumentError

__all__ = ["Tokenizer", "text_to_word_sequence", "tokenizer_from_json"]

FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(
    input_text: str, filters: str = FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """The words of a text, in small letters and without the signs in `filters`.

    >>> from nn.keras.preprocessing.text import text_to_word_sequence
    >>> text_to_word_sequence("To be, or not to be.")
    ['to', 'be', 'or', 'not', 'to', 'be']
    """
    text = input_text.lower() if lower else input_text
    text = text.translate({ord(sign): split for sign in filters})
    return [word for word in text.split(split) if word]


class Tokenizer:
    """Gives each word a number, the commonest 1; 0 is for padding.

    Numbers from `num_words` on are left out, or become that of `oov_token`, which stands for
    unknown words too. With `char_level` each letter is a word.

    >>> from nn import keras
    >>> tokenizer = keras.preprocessing.text.Tokenizer()
    >>> tokenizer.fit_on_texts(["the cat", "the dog"])
    >>> tokenizer.texts_to_sequences(["the dog", "a cat"])
    [[1, 3], [2]]
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Any = None,
        document_count: int = 0,
    ) -> None:
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.document_count = document_count
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.index_docs: Counter[int] = Counter()
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}

    def _words(self, text: Any) -> Any:
        if self.char_level or isinstance(text, list):
            if not self.lower:
                return text
            return [word.lower() for word in text] if isinstance(text, list) else text.lower()
        if self.analyzer is not None:
            return self.analyzer(text)
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[Any]) -> None:
        """Learn the words of texts, or of lists of words."""
        for text in texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        common = [word for word, _ in self.word_counts.most_common()]
        known = common if self.oov_token is None else [self.oov_token, *common]
        self.word_index = {word: number for number, word in enumerate(known, 1)}
        self.index_word = {number: word for word, number in self.word_index.items()}
        self.index_docs = Counter({self.word_index[w]: n for w, n in self.word_docs.items()})

    def fit_on_sequences(self, sequences: Iterable[Any]) -> None:
        """Count in how many sequences each number occurs, for `tfidf`."""
        for sequence in sequences:
            self.document_count += 1
            self.index_docs.update(set(sequence))

    def _kept(self, number: int | None) -> int | None:
        """A number, or that of unknown words, or None for what is left out."""
        if number is not None and not (self.num_words and number >= self.num_words):
            return number
        return self.word_index.get(self.oov_token) if self.oov_token is not None else None

    def texts_to_sequences(self, texts: Iterable[Any]) -> list[list[int]]:
        """The numbers of the words of each text."""
        return list(self.texts_to_sequences_generator(texts))

    def texts_to_sequences_generator(self, texts: Iterable[Any]) -> Iterator[list[int]]:
        """The numbers of the words, text by text."""
        for text in texts:
            numbers = (self._kept(self.word_index.get(word)) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def sequences_to_texts(self, sequences: Iterable[Any]) -> list[str]:
        """The words of the numbers, with spaces between."""
        found = []
        for sequence in sequences:
            known = (self._kept(n if n in self.index_word else None) for n in sequence)
            found.append(" ".join(self.index_word[n] for n in known if n is not None))
        return found

    def texts_to_matrix(self, texts: Iterable[Any], mode: str = "binary") -> Any:
        """A row for each text, a column for each word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Any, mode: str = "binary") -> Any:
        """Whether a word occurs ("binary"), how often ("count", "freq"), or its "tfidf"."""
        check_choice("mode", mode, MODES)
        width = self.num_words or (len(self.word_index) + 1 if self.word_index else None)
        if width is None:
            raise ArgumentError("Tokenizer: give num_words, or fit it on texts first")
        if mode == "tfidf" and not self.document_count:
            raise ArgumentError("Tokenizer: fit it before mode='tfidf'")
        matrix = np.zeros((len(sequences), width))
        for row, sequence in zip(matrix, sequences, strict=True):
            for number, count in Counter(n for n in sequence if n < width).items():
                row[number] = self._cell(number, count, len(sequence), mode)
        return matrix

    def _cell(self, number: int, count: int, length: int, mode: str) -> float:
        if mode == "tfidf":
            documents = self.document_count / (1 + self.index_docs.get(number, 0))
            return float((1 + np.log(count)) * np.log(1 + documents))
        return {"binary": 1.0, "count": float(count), "freq": count / length}[mode]

    def get_config(self) -> dict[str, Any]:
        """Options and counts, as JSON where they are tables."""
        options = ("num_words", "filters", "lower", "split", "char_level", "oov_token",
                   "document_count")  # fmt: skip
        tables = ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        return {name: getattr(self, name) for name in options} | {
            name: json.dumps(getattr(self, name)) for name in tables
        }

    def to_json(self, **kwargs: Any) -> str:
        """The tokenizer as JSON; `tokenizer_from_json` makes it again."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **kwargs)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `to_json` has written, Keras' too."""
    config = json.loads(json_string)["config"]
    tables = {n: json.loads(config.pop(n)) for n in list(config) if n[:5] in ("word_", "index")}
    made = Tokenizer(**config)
    made.word_counts, made.word_docs = Counter(tables["word_counts"]), Counter(tables["word_docs"])
    made.index_docs = Counter({int(n): count for n, count in tables["index_docs"].items()})
    made.index_word = {int(n): word for n, word in tables["index_word"].items()}
    made.word_index = tables["word_index"]
    return made
