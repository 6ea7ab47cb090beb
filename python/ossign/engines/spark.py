"""Presigned URLs as a column of a Spark DataFrame.

The rows go through `DataFrame.mapInArrow`, whose batches Spark cuts
(`spark.sql.execution.arrow.maxRecordsPerBatch`).
https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/api/pyspark.sql.DataFrame.mapInArrow.html
"""

from __future__ import annotations

from . import Signing

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Mapping
    from typing import Literal

    import pyarrow
    from pyspark.sql import DataFrame

    from .._ossign import Presignable
    from . import ClientSource

__all__ = ["with_urls"]


def with_urls(
    df: DataFrame,
    template: Presignable,
    *,
    client: ClientSource,
    url: str = "url",
    columns: Mapping[str, str] | None = None,
    expires: datetime.timedelta | None = None,
    expiration: datetime.datetime | None = None,
    errors: Literal["raise", "null"] = "raise",
    threads: int | None = 1,
    **field_columns: str,
) -> DataFrame:
    """Add a column of presigned URLs to a DataFrame.

    Spark may compute a partition again; its URLs then have another signing time. Cache or write the
    answer where the same URLs are needed twice.

    Args:
        df: The DataFrame; it keeps its columns.
        template: What `presign` takes; it has the fields that all rows share.
        client: A client whose provider reads the environment, a profile or a role of the executor;
            or a function without arguments that makes one. It is called there, once per partition.
            A client that holds a secret is refused, because the secret would be in the job's plan.
        url: The name of the new column, which comes last.
        columns: A mapping from names of fields to names of columns.
        expires: As in `Client.presign`.
        expiration: As in `Client.presign`.
        errors: "raise" fails the job at a row that cannot be presigned; "null" gives a null.
        threads: Of each task; Spark runs one task per core.
        **field_columns: The names of columns by the names of their fields. `key="key"` if none is
            given.

    Returns:
        A DataFrame with all columns of `df`, and the URLs as strings.

    Raises:
        TypeError: The client holds a secret.
        ValueError: There is no column of that name, or already one that is named as `url` says.
    """
    from pyspark.sql.types import StringType, StructField, StructType

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
    signing.check(df.columns)

    def signed(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.RecordBatch]:
        import pyarrow as pa

        made = signing.client()
        for batch in batches:
            urls = pa.array(signing.urls(made, batch), pa.string())
            yield pa.RecordBatch.from_arrays(
                [*batch.columns, urls], [*batch.schema.names, signing.url]
            )

    schema = StructType([*df.schema.fields, StructField(url, StringType())])
    return df.mapInArrow(signed, schema)
