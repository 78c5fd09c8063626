"""Refusals in domain words: a stable code for programs, a Chinese sentence for people."""

from collections.abc import Mapping

from services.rules.sentences import SENTENCES


class DomainError(Exception):
    """A refusal; `kind` decides the HTTP status, `code` the sentence.

    `keeps_changes` marks the few refusals whose traces must stay (a counted wrong password): the
    transaction is then committed although the answer is an error.
    """

    kind = "invalid"

    def __init__(
        self,
        code: str,
        *,
        fields: Mapping[str, str] | None = None,
        keeps_changes: bool = False,
        retry_after: int | None = None,
        **data: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.fields = {name: SENTENCES.get(word, word) for name, word in (fields or {}).items()}
        self.keeps_changes = keeps_changes
        self.retry_after = retry_after
        self.data = data

    @property
    def message(self) -> str:
        """The sentence for people, with what was wrong and what to do."""
        return SENTENCES[self.code].format(**self.data)


class Invalid(DomainError):
    kind = "invalid"


class NotFound(DomainError):
    kind = "not_found"


class Conflict(DomainError):
    kind = "conflict"


class Gone(DomainError):
    kind = "gone"


class Forbidden(DomainError):
    kind = "forbidden"


class Unauthenticated(DomainError):
    kind = "unauthenticated"


class TooLarge(DomainError):
    kind = "too_large"


class TooMany(DomainError):
    kind = "too_many"


class Unavailable(DomainError):
    kind = "unavailable"
