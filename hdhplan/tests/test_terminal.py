"""What data, arguments and faults say reaches a terminal as text: no code, nothing turned around."""

from __future__ import annotations

import json
import re

import pytest
from small import HEAD
from test_page import HOSTILE, MORE_HOSTILE

from hdhplan.cli import main
from hdhplan.wording.formats import label

#: Colours, a screen wiped, a title set, a link, a bell, C1 codes, overprinting, hidden and turned text.
CODES = (
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.invalid\x1b\\x",
    "\x07", "\x9b31m", "a\rb", "a\x08b", "\x00", "\x7f", "\u2066a\u2069", "\u200bx\ufeff", "\u061cx",
    "a\u2028b\u2029c", "\x85", "\U000e0041",
)  # fmt: skip
TEXTS = (*HOSTILE, *MORE_HOSTILE)
HALVES = (TEXTS[::2], TEXTS[1::2])
MOVES = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0001-\U000e007f]"
)


def said_by(capsys, *argv: str) -> tuple[int, str, str]:
    """Exit code and what a command printed, which holds nothing that moves a terminal."""
    code = main(list(argv))
    said = capsys.readouterr()
    for text in said:
        assert "Traceback" not in text
        assert not MOVES.search(text), argv
    return code, said.out, said.err


def written(path, texts) -> str:
    """A plan in which each text names a task, what is paid for it, its budget line and a driver."""
    quoted = [json.dumps(text, ensure_ascii=False) for text in texts]
    lines = [f"title: {{fr: {quoted[0]}, en: {quoted[1]}}}", f"illustrative: {quoted[2]}", "tasks:"]
    lines += [f"  - {{id: t{i}, name: {q}, work: 3 d}}" for i, q in enumerate(quoted)]
    lines += ["drivers:"] + [
        f"  - {{id: d{i}, name: {q}, p: 0.5, delay: 3 d, on: [t{i}], source: {q}}}"
        for i, q in enumerate(quoted[:9])
    ]
    lines += ["rates:"] + [
        f"  - {{id: r{i}, name: {q}, amount_eur: 2000, on: t{i}, line: {q}}}"
        for i, q in enumerate(quoted)
    ]
    path.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_there_are_sixty_of_them():
    assert len(set(TEXTS)) >= 60
    assert all(MOVES.search(code) for code in CODES)


@pytest.mark.parametrize("texts", HALVES, ids=["one half", "the other"])
def test_sixty_hostile_names_harm_no_terminal(texts, tmp_path, capsys):
    plan, other = (written(tmp_path / f"p{i}.yaml", texts[:: 1 - 2 * i]) for i in (0, 1))
    code, out, _ = said_by(capsys, "run", plan, "--draws", "20")
    assert code == 0
    shown = " ".join(out.split())
    for text in texts:  # each names a budget line: it is printed, as what is left of it
        assert f"line.{' '.join(label(text, 10_000).split())}" in shown
    assert said_by(capsys, "check", plan)[0] == 0
    code, out, _ = said_by(capsys, "compare", plan, other, "--draws", "20")
    assert code == 0
    assert sum(label(text, 40) in out for text in texts) > 25
    assert said_by(capsys, "why", plan, other, "--draws", "20")[0] == 0


@pytest.mark.parametrize("text", [*TEXTS, *CODES])
def test_a_hostile_plan_name_is_harmless_or_refused(text, tmp_path, capsys):
    path = tmp_path / "plan.yaml"
    quoted = json.dumps(text, ensure_ascii=False)
    path.write_text(
        HEAD.replace("name: small", f"name: {quoted}") + "tasks: [{id: a, work: 3 d}]\n"
    )
    code, out, err = said_by(capsys, "check", str(path))
    assert (code == 0 and out) or (code == 3 and err)


@pytest.mark.parametrize("text", CODES)
def test_codes_as_arguments_and_in_files_harm_no_terminal(text, tmp_path, capsys):
    assert said_by(capsys, "check", text)[0] == 3
    assert said_by(capsys, "run", "base", "--set", f"{text}=1")[0] == 3
    assert said_by(capsys, "run", "base", "--lang", text)[0] == 2
    assert said_by(capsys, "run", "base", f"--{text}")[0] == 2
    path = tmp_path / "raw.yaml"
    path.write_bytes((HEAD + f"tasks: [{{id: a, name: '{text}', work: 3 d}}]\n").encode())
    assert said_by(capsys, "check", str(path))[0] in (0, 3)
