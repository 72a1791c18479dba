"""One line under reading: its tokens, the phrases met in it, and which tokens are already read.

The readers (units, dates, times, numbers) take what is theirs; what one has taken no other reads.
"""

from collections.abc import Iterator

from intake.check_in_line.lexicon import Lexicon, Span
from intake.check_in_line.tokens import Token

_NOTHING: frozenset[str] = frozenset()


class Line:
    """Tokens and phrases of one line, and what of them is taken."""

    def __init__(self, tokens: list[Token], lexicon: Lexicon) -> None:
        self.tokens = tokens
        self.spans: list[Span] = lexicon.spans(self.tokens)
        self._starting = {span.start: span for span in self.spans}
        self._ending = {span.end: span for span in self.spans}
        self._taken: set[int] = {at for span in self.spans for at in self._numbers_within(span)}

    def __len__(self) -> int:
        return len(self.tokens)

    def _numbers_within(self, span: Span) -> Iterator[int]:
        """Yield the numbers that belong to a phrase: "trường cấp 2"."""
        return (at for at in range(span.start, span.end) if self.tokens[at].number is not None)

    def take(self, start: int, end: int) -> None:
        """Mark tokens as read."""
        self._taken.update(range(start, end))

    def is_taken(self, at: int) -> bool:
        """Return whether a reader has taken this token."""
        return at in self._taken

    def tags(self, at: int) -> frozenset[str]:
        """Return what the phrase that starts here can mean."""
        span = self._starting.get(at)
        return span.tags if span else _NOTHING

    def has(self, at: int, *tags: str) -> bool:
        """Return whether a phrase with one of these meanings starts here."""
        span = self._starting.get(at)
        return span is not None and not span.tags.isdisjoint(tags)

    def end(self, at: int) -> int:
        """Return where the phrase that starts here ends; the next token where none does."""
        span = self._starting.get(at)
        return span.end if span else at + 1

    def before(self, at: int) -> Span | None:
        """Return the phrase that ends just before this token."""
        return self._ending.get(at)

    def follows(self, at: int, *tags: str) -> bool:
        """Return whether a phrase with one of these meanings ends just before this token."""
        span = self._ending.get(at)
        return span is not None and not span.tags.isdisjoint(tags)

    def number(self, at: int) -> int | None:
        """Return the number written in digits here, if nobody has taken it."""
        if at < len(self.tokens) and at not in self._taken:
            return self.tokens[at].number
        return None

    def is_sign(self, at: int, signs: str) -> bool:
        """Return whether one of these signs stands here."""
        return at < len(self.tokens) and self.tokens[at].raw in signs and not self.is_word(at)

    def is_word(self, at: int) -> bool:
        """Return whether a word stands here."""
        return at < len(self.tokens) and self.tokens[at].is_word

    def where(self, *tags: str) -> Iterator[Span]:
        """Yield the phrases with one of these meanings that nobody has taken."""
        for span in self.spans:
            if span.start not in self._taken and not span.tags.isdisjoint(tags):
                yield span

    def any(self, *tags: str) -> bool:
        """Return whether a phrase with one of these meanings is left in the line."""
        return any(True for _ in self.where(*tags))

    def has_anywhere(self, *tags: str) -> bool:
        """Return whether such a phrase stands in the line, taken or not."""
        return any(not span.tags.isdisjoint(tags) for span in self.spans)

    def unread_words(self) -> int:
        """Return how many words neither belong to a phrase nor were taken."""
        read = self._taken.union(*(range(span.start, span.end) for span in self.spans))
        return sum(at not in read and token.is_word for at, token in enumerate(self.tokens))
