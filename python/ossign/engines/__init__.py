"""A column of presigned URLs in engines that spread a table over many machines.

Each module imports its engine when it is used, and needs it installed:
`pip install 'ossign[spark]'`, `pip install 'ossign[ray]'`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeAlias

    import pyarrow

    from .._ossign import Client, Presignable, PresignedUrls

    ClientSource: TypeAlias = Client | Callable[[], Client]

__all__: list[str] = []


class Signing:
    """What a worker needs to sign its batches; it is pickled and sent there.

    Refuses a client that holds a secret before the engine pickles it: engines wrap the error.
    """

    def __init__(
        self,
        template: Presignable,
        client: ClientSource,
        columns: Mapping[str, str],
        url: str,
        **options: Any,
    ) -> None:
        if not callable(client):
            client.__reduce__()
        self.url = url
        self._template, self._client = template, client
        self._columns = dict(columns) or {"key": "key"}
        self._options = options

    def check(self, has: list[str]) -> None:
        """Refuse columns that are not there, and a name for the URLs that is taken."""
        for field, name in self._columns.items():
            if name not in has:
                found = ", ".join(has) or "none"
                raise ValueError(f"there is no column {name!r} for {field}; there are: {found}")
        if self.url in has:
            raise ValueError(f"there is a column {self.url!r} already: choose a name with url=...")

    def client(self) -> Client:
        """The client of this worker."""
        return self._client() if callable(self._client) else self._client

    def urls(self, client: Client, table: pyarrow.RecordBatch | pyarrow.Table) -> PresignedUrls:
        """The URLs of a table's rows."""
        self.check(table.schema.names)
        columns = {field: table.column(name) for field, name in self._columns.items()}
        return client.presign_many(self._template, columns=columns, **self._options)
