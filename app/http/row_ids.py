"""Ids in addresses: a number that no row can have leads nowhere, instead of breaking the query."""

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2**63 - 1


class RowId(IntegerConverter):
    """`<int:…>` of every route."""

    def __init__(self, map: Any, *args: Any, **options: Any) -> None:
        super().__init__(map, *args, **({"max": LARGEST} | options))


def limit_row_ids(app: Flask) -> None:
    """Before the first route is registered."""
    app.url_map.converters["int"] = RowId
