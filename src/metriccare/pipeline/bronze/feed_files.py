"""Sorts received files into FHIR and feeds; of a feed's file it finds the layout."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from metriccare.errors import UnreadableFile
from metriccare.incremental.context import RunContext
from metriccare.sources.feeds.detection import is_feed, layout_of, may_be_feed
from metriccare.sources.feeds.layouts import Layout
from metriccare.sources.feeds.opened import head_of
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
    for file in files:
        name = file.source_file
        if not may_be_feed(name, file.tenant, context.contracts):
            found.fhir.append(file)
            continue
        try:
            head = head_of(context.raw_files, file.location)
            if not is_feed(name, head):
                found.fhir.append(file)
                continue
            layout = layout_of(name, file.tenant, head, context.contracts)
        except UnreadableFile as error:
            found.unreadable[file.file_id] = str(error)
            continue
        zone = context.settings.time_zone(file.tenant)
        found.feeds.append(FeedFile(file, layout, zone))
    return found
