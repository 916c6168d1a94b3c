"""What is written for one day, and what is summed up for its answer key."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from data_generator.output.feeds import FeedsWriter
from data_generator.output.files import BatchWriter
from data_generator.output.truth_file import TruthFile
from data_generator.truth.account_truth import AccountTruth
from data_generator.truth.closes import MonthClose
from data_generator.truth.ledger import Ledger
from data_generator.truth.revenue import Receivables


@dataclass(slots=True)
class DayOutput:
    """The output for one day: the history (first) or one daily folder."""

    day: int
    folder: Path
    writer: BatchWriter
    truth: TruthFile
    feeds: FeedsWriter
    ledger: Ledger = field(default_factory=Ledger)
    receivables: Receivables = field(default_factory=Receivables)
    accounts: AccountTruth | None = None
    closes: list[MonthClose] = field(default_factory=list)
