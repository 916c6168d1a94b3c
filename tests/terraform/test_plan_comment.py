"""What a reviewer reads of a plan."""

from __future__ import annotations

import json
from pathlib import Path

from scripts.plan_comment import comment, counts

HERE = Path(__file__).parent
PLAN = json.loads((HERE / "saved_plan.json").read_text(encoding="utf-8"))
DIFF = (HERE / "saved_plan.txt").read_text(encoding="utf-8")


def test_reading_and_unchanged_resources_are_not_counted():
    assert counts(PLAN) == {"add": 1, "change": 1, "replace": 1, "destroy": 1}


def test_the_first_line_marks_the_workspaces_comment():
    assert comment("prod", PLAN, DIFF).startswith("<!-- metriccare plan prod -->\n")


def test_counts_come_before_the_folded_diff():
    text = comment("prod", PLAN, DIFF)
    assert "**1** to add, **1** to change, **1** to replace, **1** to destroy" in text
    assert text.index("to destroy") < text.index("<details>")


def test_what_loses_its_content_is_named_outside_the_fold():
    shown = comment("prod", PLAN, DIFF).partition("<details>")[0]
    assert "- `module.tracking_table.aws_dynamodb_table.this`" in shown
    assert "- `aws_sqs_queue.old`" in shown


def test_marks_are_where_github_colours_them():
    lines = comment("prod", PLAN, DIFF).splitlines()
    assert '!  resource "aws_glue_job" "this" {' in lines
    assert '+      hash_key = "sort"' in lines


def test_an_empty_plan_is_one_word():
    text = comment("dev", {"resource_changes": []}, "No changes.")
    assert text.endswith("No changes.\n")
    assert "<details>" not in text


def test_a_plan_larger_than_a_comment_is_cut_and_says_so():
    text = comment("dev", PLAN, "  + line\n" * 20_000)
    assert len(text) < 65_536
    assert "cut here" in text


def test_a_fence_inside_the_diff_does_not_end_it():
    assert comment("dev", PLAN, '  + text = "```"').count("```") == 2
