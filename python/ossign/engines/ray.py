"""Presigned URLs as a column of a Dataset of Ray Data.

The rows go through `Dataset.map_batches`, as tables of pyarrow without a copy, in actors that keep
their client.
https://docs.ray.io/en/latest/data/api/doc/ray.data.Dataset.map_batches.html
"""

from __future__ import annotations

from . import Signing

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping
    from typing import Any, Literal

    import pyarrow
    from ray.data import Dataset

    from .._ossign import Presignable
    from . import ClientSource

__all__ = ["with_urls"]


def with_urls(
    ds: Dataset,
    template: Presignable,
    *,
    client: ClientSource,
    url: str = "url",
    columns: Mapping[str, str] | None = None,
    expires: datetime.timedelta | None = None,
    expiration: datetime.datetime | None = None,
    errors: Literal["raise", "null"] = "raise",
    threads: int | None = 1,
    ray_options: Mapping[str, Any] | None = None,
    **field_columns: str,
) -> Dataset:
    """Add a column of presigned URLs to a Dataset.

    Ray may compute a block again; its URLs then have another signing time.

    Args:
        ds: The Dataset; it keeps its columns.
        template: What `presign` takes; it has the fields that all rows share.
        client: A client whose provider reads the environment, a profile or a role of the worker; or
            a function without arguments that makes one. It is called there, once per actor. A
            client that holds a secret is refused, because the secret would be in the job.
        url: The name of the new column, which comes last.
        columns: A mapping from names of fields to names of columns.
        expires: As in `Client.presign`.
        expiration: As in `Client.presign`.
        errors: "raise" fails the job at a row that cannot be presigned; "null" gives a null.
        threads: Of each actor, for which Ray keeps one core free.
        ray_options: More keywords of `map_batches`, such as `compute`, `num_cpus` or
            `batch_size`; a batch is a whole block unless this says otherwise.
        **field_columns: The names of columns by the names of their fields. `key="key"` if none is
            given.

    Returns:
        A Dataset with all columns of `ds`, and the URLs as large_string.

    Raises:
        TypeError: The client holds a secret.
        ValueError: There is no column of that name, or already one that is named as `url` says.
    """
    signing = Signing(
        template,
        client,
        {**(columns or {}), **field_columns},
        url,
        expires=expires,
        expiration=expiration,
        errors=errors,
        threads=threads,
    )
    known = ds.columns(fetch_if_missing=False)
    if known is not None:
        signing.check(known)
    options = {"batch_size": None, "zero_copy_batch": True, **(ray_options or {})}
    if not options.keys() & {"compute", "concurrency"}:
        options["compute"] = _actors()
    return ds.map_batches(
        _Signer, fn_constructor_args=(signing,), batch_format="pyarrow", **options
    )


def _actors() -> Any:
    """One actor at least, and one for each core that the cluster has now at most."""
    import ray

    cores = int(ray.cluster_resources().get("CPU", 1))
    return ray.data.ActorPoolStrategy(min_size=1, max_size=max(1, cores))


class _Signer:
    """An actor with a client of its own, which stays warm from batch to batch."""

    def __init__(self, signing: Signing) -> None:
        self._signing, self._client = signing, signing.client()

    def __call__(self, table: pyarrow.Table) -> pyarrow.Table:
        import pyarrow as pa

        urls = pa.array(self._signing.urls(self._client, table))
        return table.append_column(self._signing.url, urls)
