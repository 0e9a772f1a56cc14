"""The page on scheduling: its commands are commands of this version, its units have their keys."""

from __future__ import annotations

import configparser
import datetime as dt
import re
import shlex
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from hdhplan import talk
from hdhplan.cli import app
from hdhplan.report import home

PAGE = home() / "docs" / "scheduling.md"

pytestmark = pytest.mark.skipif(not PAGE.exists(), reason="a wheel comes without its documents")


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), flags=re.DOTALL)


def _unit(text: str) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser()
    parser.optionxform = str
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def _commands() -> list[str]:
    text = PAGE.read_text("utf-8")
    found = re.findall(r"python3? run\.py (weekly [^`'\n]*)", text)
    return [re.sub(r"\$\$?\(date [^)]*\)", "2026-11-20", command) for command in found]


def test_its_commands_have_options_that_there_are():
    weekly = get_command(app).commands["weekly"]
    commands = _commands()
    assert len(commands) == 3
    for command in commands:
        given = shlex.split(command)[1:]
        found = weekly.make_context("weekly", given).params
        assert str(found["status"]) == "data/status"
        assert found["as_of"] == "2026-11-20"
        assert found["fail_on"] in (None, "action")


def test_the_service_and_the_timer_hold_what_they_need():
    service, timer = map(_unit, _blocks("ini"))
    assert service["Service"]["Type"] == "oneshot"
    assert {"User", "WorkingDirectory", "ExecStart", "TimeoutStartSec"} <= service["Service"].keys()
    assert "OnFailure" in service["Unit"]
    assert timer["Timer"]["OnCalendar"].startswith("Mon ")
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Install"]["WantedBy"] == "timers.target"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze")
def test_systemd_knows_its_calendar():
    (_, timer) = map(_unit, _blocks("ini"))
    given = ["systemd-analyze", "calendar", timer["Timer"]["OnCalendar"]]
    done = subprocess.run(given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_pipeline_runs_one_at_a_time_and_tells_a_decision_from_a_failure():
    (block,) = _blocks("yaml")
    job = YAML(typ="safe").load(block)["weekly"]
    assert job["resource_group"]
    assert job["allow_failure"] == {"exit_codes": [talk.CROSSED]}
    assert "schedule" in job["rules"][0]["if"]


def test_the_date_it_asks_for_is_a_past_friday():
    commands = set(re.findall(r"\((date -d [^)]*)\)", PAGE.read_text("utf-8").replace("%%", "%")))
    assert commands == {"date -d last-friday +%F"}
    done = subprocess.run(shlex.split(*commands), capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no GNU date")
    day = dt.date.fromisoformat(done.stdout.strip())
    assert day.weekday() == 4
    assert day < dt.date.today()


def test_every_exit_of_a_run_is_explained():
    told = re.findall(r"^\| (\d+) \|", PAGE.read_text("utf-8"), flags=re.MULTILINE)
    ends = (talk.DONE, talk.REFUSED, talk.CROSSED, talk.STALE, talk.FAILED, talk.INTERRUPTED)
    assert tuple(map(int, told)) == ends
