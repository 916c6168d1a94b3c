"""The money of a run: feeds, and the accounts of the answer keys."""

from __future__ import annotations

import orjson

from data_generator.config import GeneratorConfig
from data_generator.feeds.days import UPSERT, PersonFeeds
from data_generator.feeds.region import region_rows
from data_generator.output.day import DayOutput
from data_generator.story import Story
from data_generator.truth.account_truth import AccountTruth, encounters_of
from data_generator.truth.closes import MonthClose, close_days, month_end_before
from data_generator.truth.revenue import Receivables
from data_generator.world import World


def open_accounts(world: World, outputs: list[DayOutput]) -> None:
    """Open the accounts of every day's answer key; days after each other share a base."""
    base = None
    if len(outputs) > 1:
        base = AccountTruth(world, outputs[0].day, Receivables())
    for output in outputs:
        is_history = output is outputs[0]
        output.accounts = AccountTruth(world, output.day, output.receivables, base, is_history)
        output.accounts.add_costs()
    for day in close_days(outputs[0].day, outputs[-1].day):
        close = _close_on(world, day, base)
        for output in outputs:
            if output.day >= day:
                output.closes.append(close)


def _close_on(world: World, day: int, base: AccountTruth | None) -> MonthClose:
    """Return the close of a day; accounts that no later day changes count with their base."""
    end = month_end_before(day)
    shared = base if base is not None and base.day <= end else None
    accounts = AccountTruth(world, end, Receivables(), shared, known=day)
    accounts.add_costs()
    return MonthClose(day, accounts)


def write_region_feeds(config: GeneratorConfig, world: World, outputs: list[DayOutput]) -> None:
    """Write contracts, costs, providers and payers to the day on which they become known."""
    first = world.start_day
    for output in outputs:
        rows = region_rows(world, first, output.day, whole=config.feeds)
        output.feeds.write((row, UPSERT) for row in rows)
        first = output.day + 1


def write_feeds(
    config: GeneratorConfig, world: World, story: Story, outputs: list[DayOutput]
) -> None:
    """Write a person's rows: all of the history, then what each day changes."""
    history, last = outputs[0], outputs[-1].day
    person = PersonFeeds(story, world.start_day, config.feeds)
    history.feeds.write(person.history(history.day))
    for day, lines in person.changes(history.day, last).items() if config.days else ():
        outputs[day - history.day].feeds.write(lines)


def count_accounts(story: Story, outputs: list[DayOutput]) -> None:
    """Add the person's accounts to every day's answer key.

    The key of a daily folder lists only accounts and denials that are new or changed.
    """
    encounters = list(encounters_of(story))
    before: set[bytes] = set()
    for close in outputs[-1].closes:
        close.add(story, encounters)
    for output in outputs:
        rows: list[bytes] = []
        denials: list[bytes] = []
        for row, denied in output.accounts.add(story, encounters) if output.accounts else ():
            rows.append(orjson.dumps(row))
            denials += map(orjson.dumps, denied)
        known = before
        if len(outputs) > 1:
            before = {*rows, *denials}
            rows = [row for row in rows if row not in known]
            denials = [row for row in denials if row not in known]
        output.truth.add_accounts(rows, denials)
