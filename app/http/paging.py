"""Pages of a list: the one rule for query and answer."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, Field

T = TypeVar("T")


class PageQuery(BaseModel):
    page: int = Field(1, ge=1, le=10_000)
    page_size: int = Field(20, ge=1, le=100)


def paged(found: tuple[Sequence[T], int], query: PageQuery, show: Callable[[T], Any]) -> dict[str, Any]:
    """`{items, page, page_size, total}` of a service's (rows, total)."""
    rows, total = found
    return {"items": [show(row) for row in rows], "page": query.page, "page_size": query.page_size, "total": total}
