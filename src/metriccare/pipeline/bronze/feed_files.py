"""Sorts received files into FHIR and feeds; of a feed's file it finds the layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from metriccare.errors import UnreadableFile
from metriccare.incremental.context import RunContext
from metriccare.sources.feeds.detection import is_feed, layout_of, may_be_feed
from metriccare.sources.feeds.layouts import Layout
from metriccare.sources.feeds.opened import heads_of
from metriccare.tracking.states import FileRecord


@dataclass(frozen=True)
class FeedFile:
    """A file of rows, and how it is read; `zone` is for times without an offset."""

    file: FileRecord
    layout: Layout
    zone: str


@dataclass
class SortedFiles:
    """Files by what they are; of files that cannot be read the reason, by file id."""

    fhir: list[FileRecord] = field(default_factory=list)
    feeds: list[FeedFile] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)


def sort_files(context: RunContext, files: Sequence[FileRecord]) -> SortedFiles:
    """Return the files, sorted; only the beginning of those is read that may be a feed's."""
    found = SortedFiles()
    possible = [f for f in files if may_be_feed(f.source_file, f.tenant, context.contracts)]
    heads = heads_of(context.raw_files, [file.location for file in possible]) if possible else []
    by_id = {file.file_id: head for file, head in zip(possible, heads, strict=True)}
    for file in files:
        try:
            feed = _feed_file(context, file, by_id.get(file.file_id))
        except UnreadableFile as error:
            found.unreadable[file.file_id] = str(error)
            continue
        if feed is None:
            found.fhir.append(file)
        else:
            found.feeds.append(feed)
    return found


def _feed_file(
    context: RunContext, file: FileRecord, head: bytes | UnreadableFile | None
) -> FeedFile | None:
    """Return a file of rows with its layout; None for FHIR. Raises UnreadableFile."""
    if isinstance(head, UnreadableFile):
        raise head
    if head is None or not is_feed(file.source_file, head):
        return None
    layout = layout_of(file.source_file, file.tenant, head, context.contracts)
    return FeedFile(file, layout, context.settings.time_zone(file.tenant))
