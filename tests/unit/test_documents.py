"""The documents: links lead somewhere, commands exist, decisions have one form."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from metriccare.cli import app

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]
DECISIONS = sorted((REPOSITORY / "docs" / "adr").glob("[0-9]*.md"))
RUNBOOK = (REPOSITORY / "docs" / "runbook.md").read_text(encoding="utf-8")
SHELL = re.compile(r"^ *```sh\n(.*?)^ *```", re.M | re.S)
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = typer.main.get_command(app)
# Help texts show the command, not a line to paste.
_PLACEHOLDER = re.compile(r"\.\.\.")


def named(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def lines_to_paste(page: Path) -> list[str]:
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(SHELL.findall(text)).replace("\\\n", " ")
    inline = re.findall(r"`((?:make|metriccare|\.venv/bin/metriccare) [^`\n]+)`", text)
    return [*blocks.splitlines(), *inline]


def parts_of(line: str) -> list[list[str]]:
    """The words of each command on a line, without comments."""
    words = shlex.split(line.replace("$(", "(").replace("`", ""), comments=True)
    parts: list[list[str]] = [[]]
    for word in words:
        if word in {"&&", "|", ";"}:
            parts.append([])
        else:
            parts[-1].append(word)
    return [part for part in parts if part]


def commands(program: str) -> list[tuple[str, list[str]]]:
    return [
        (named(page), part[1:])
        for page in PAGES
        for line in lines_to_paste(page)
        if program in line and not _PLACEHOLDER.search(line)
        for part in parts_of(line)
        if Path(part[0]).name == program
    ]


def options(command: Any) -> set[str]:
    return {"--help", *(name for p in command.params for name in (*p.opts, *p.secondary_opts))}


def anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize(("page", "words"), commands("metriccare"), ids=str)
def test_every_metriccare_command_in_the_documents_exists(page: str, words: list[str]) -> None:
    command, rest = COMMAND, list(words)
    known = options(command)
    while hasattr(command, "commands") and rest:
        word = rest.pop(0)
        if word.startswith("--"):
            assert word in known, page
            continue
        assert word in command.commands, page
        command = command.commands[word]
        known |= options(command)
    assert {word.partition("=")[0] for word in rest if word.startswith("--")} <= known, page


@pytest.mark.parametrize(("page", "words"), commands("make"), ids=str)
def test_every_make_target_in_the_documents_exists(page: str, words: list[str]) -> None:
    files = [REPOSITORY / "Makefile", *(REPOSITORY / "make").glob("*.mk")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    targets = set(re.findall(r"^([a-z0-9-]+):", text, re.M))
    assert {word for word in words if "=" not in word} <= targets, page


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_has_one_form_and_at_most_50_lines(decision: Path) -> None:
    text = decision.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(decision.stem[:4])}. ")
    assert "\nStatus: " in text
    for heading in ("Context", "Decision", "Consequences"):
        assert f"\n## {heading}\n" in text, heading
    assert len(text.splitlines()) <= 50


def test_every_decision_is_listed() -> None:
    index = (REPOSITORY / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DECISIONS if f"({path.name})" not in index] == []


def test_every_alarm_names_a_section_of_the_runbook() -> None:
    files = (REPOSITORY / "terraform").rglob("*.tf")
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    sections = set(re.findall(r"docs/runbook\.md \((\w+)\)", text))
    assert sections
    assert [name for name in sections if f"\n### {name}\n" not in RUNBOOK] == []


def test_the_glossary_has_at_most_40_words() -> None:
    glossary = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^\| \*\*(.+?)\*\*", glossary, re.M)
    assert words == sorted(words, key=str.lower)
    assert len(words) <= 40
