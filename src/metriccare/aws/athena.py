"""Statements in an Athena workgroup: started and awaited by awswrangler, read page by page.

Its data frames are not used: they read an empty text and NaN as null.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from metriccare.causes import cause_of
from metriccare.errors import MetricCareError, SetupError, UsageError
from metriccare.query.athena import AthenaAnswer, AthenaColumn

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

# A query of a small lake takes one to three seconds.
_LOOK_SECONDS = 0.5
# The most rows Athena gives at once.
_PAGE_ROWS = 1000


class AthenaWorkgroup:
    """One workgroup; `results` is where answers are kept if the workgroup does not say."""

    def __init__(self, client: AthenaClient, workgroup: str, results: str | None = None) -> None:
        self._client, self._workgroup, self._results = client, workgroup, results

    def run(self, sql: str, database: str) -> AthenaAnswer:
        """Run one SELECT and return its answer, whose rows are fetched while they are read.

        Raises UsageError with Athena's words, MetricCareError if somebody cancelled the query.
        """
        try:
            query = self._finished(sql, database)
            first = self._client.get_query_results(QueryExecutionId=query, MaxResults=_PAGE_ROWS)
        except ClientError as error:
            raise _refusal(error) from error
        columns: Any = first["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]
        described = [
            AthenaColumn(c["Name"], c["Type"], c.get("Precision", 0), c.get("Scale", 0))
            for c in columns
        ]
        return AthenaAnswer(described, self._rows(query, first))

    def _finished(self, sql: str, database: str) -> str:
        """Run a statement to its end and return its id; an interrupt stops it in Athena too."""
        wrangler = _wrangler()
        query: str = wrangler.athena.start_query_execution(
            sql, database=database, workgroup=self._workgroup, s3_output=self._results_location()
        )
        try:
            wrangler.athena.wait_query(query, athena_query_wait_polling_delay=_LOOK_SECONDS)
        except wrangler.exceptions.QueryFailed as error:
            raise UsageError(f"Athena: {_sentence(error)}") from error
        except wrangler.exceptions.QueryCancelled as error:
            raise MetricCareError("Athena: the query was cancelled. Run it again.") from error
        except BaseException:
            wrangler.athena.stop_query_execution(query)
            raise
        return query

    def _results_location(self) -> str:
        """Return where the answer goes; awswrangler would make a bucket if there were no place."""
        group: Any = self._client.get_work_group(WorkGroup=self._workgroup)["WorkGroup"]
        own = group["Configuration"].get("ResultConfiguration", {}).get("OutputLocation")
        location: str | None = own or self._results
        if location is None:
            raise UsageError(
                f"Workgroup {self._workgroup} names no place for results; name one with --results"
                " s3://bucket/prefix/."
            )
        return location

    def _rows(self, query: str, page: Any) -> Iterator[list[str | None]]:
        rows = page["ResultSet"]["Rows"][1:]  # the first row of a SELECT repeats the names
        while True:
            for row in rows:
                yield [cell.get("VarCharValue") for cell in row["Data"]]
            token = page.get("NextToken")
            if token is None:
                return
            page = self._client.get_query_results(
                QueryExecutionId=query, MaxResults=_PAGE_ROWS, NextToken=token
            )
            rows = page["ResultSet"]["Rows"]


def _wrangler() -> Any:
    try:
        import awswrangler  # seconds, for it brings pandas
    except ModuleNotFoundError as error:
        raise SetupError(
            "Athena needs awswrangler, which is not installed: `pip install 'metriccare[athena]'`."
        ) from error
    return awswrangler


def _refusal(error: ClientError) -> MetricCareError:
    if error.response["Error"]["Code"] == "InvalidRequestException":
        return UsageError(f"Athena: {_sentence(error.response['Error']['Message'])}")
    return MetricCareError(f"Athena cannot be asked. {cause_of(error)}")


def _sentence(words: object) -> str:
    """Return Athena's words as one sentence: what follows the first line is a query id."""
    first = str(words).strip().partition("\n")[0].rstrip()
    return first if first.endswith(".") else f"{first}."
