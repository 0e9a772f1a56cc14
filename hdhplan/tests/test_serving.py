"""Laws of the served explorer: to this machine alone, with a token, and nothing but the page."""

from __future__ import annotations

import json

import pytest

from hdhplan.cli import main
from hdhplan.serving import CONFIGURATION, NOTEBOOK, command, environment
from hdhplan.tests.served import ask, leads_to, server, serving

__all__ = ["server"]


def test_the_token_is_on_no_command_line(tmp_path):
    assert "secret" not in " ".join(command(tmp_path, 8866, "/"))
    assert environment(tmp_path, "secret")["JUPYTER_TOKEN"] == "secret"
    assert not [name for name in environment(tmp_path, "x") if "AWS" in name or "PASSWORD" in name]


def test_the_configuration_is_closed():
    known = json.loads((CONFIGURATION / "voila.json").read_text(encoding="utf-8"))
    assert known["Voila"]["ip"] == "127.0.0.1"
    assert known["VoilaConfiguration"]["file_allowlist"] == []
    assert known["VoilaConfiguration"]["strip_sources"] is True
    assert (
        0
        < known["VisitorKernels"]["abandoned_timeout"]
        < known["VisitorKernels"]["cull_idle_timeout"]
    )
    assert "http:" not in json.dumps(known)


@pytest.mark.parametrize("base_url", ["plan", "/plan", "/../", "//", "/a b/"])
def test_a_wrong_base_url_is_a_usage_error(base_url):
    assert main(["explore", "--base-url", base_url]) == 2


@pytest.mark.slow
def test_nothing_but_the_page_is_served(server):
    address, token, _ = server
    known = {"Authorization": f"token {token}"}
    assert ask(address)[0] == 302
    paths = (
        "voila/files/explorer.ipynb", "voila/files/../explorer.ipynb", "voila/files/%2e%2e/run.py",
        "explorer.ipynb", "voila/render/explorer.ipynb", "voila/tree", "api/contents", "api/kernels",
        "files/explorer.ipynb", "voila/static/../../app.py",
    )  # fmt: skip
    for path in paths:
        for headers in ({}, known):
            status, body = ask(address + path, headers)
            assert status in (302, 400, 403, 404, 405), path
            assert "explorer_page" not in body
    assert ask(address + f"voila/files/{NOTEBOOK}", known)[0] == 403
    assert ask(address, known | {"Host": "evil.example"})[0] == 403


@pytest.mark.slow
def test_behind_a_proxy_it_answers_at_its_root_and_links_to_the_proxys_path():
    with serving("--base-url", "/plan/") as (address, _, _):
        assert leads_to(address).startswith("/plan/login")
        status, body = ask(f"{address}login?next=%2F")  # what the proxy makes of /plan/login
        assert status == 200
        assert "/plan/" in body
