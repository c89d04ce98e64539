"""How the pages are started: for this machine alone unless people log in, and secrets stay secret."""

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from monitor import dashboard
from monitor.config.dashboard import Dashboard
from monitor.dashboard import Start, address, arguments, beside, refuse_strangers, secrets
from monitor.errors import UsageError

OPEN = Dashboard.model_validate({})
LOGIN = Dashboard.model_validate(
    {
        "login": {
            "client_id": "weir",
            "client_secret": 'a "quoted" \\ secret',
            "metadata": "https://id.example/.well-known/openid-configuration",
            "redirect": "https://weir.example/oauth2callback",
            "cookie_secret": "x" * 32,
        }
    }
)
START = Start(Path("weir.yaml"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.8.9.1"])
def test_this_machine_may_look(host: str) -> None:
    refuse_strangers(OPEN, Start(Path("weir.yaml"), host))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "weir.example"])
def test_nobody_else_without_a_login(host: str) -> None:
    with pytest.raises(UsageError, match="could read the pages"):
        refuse_strangers(OPEN, Start(Path("weir.yaml"), host))
    refuse_strangers(LOGIN, Start(Path("weir.yaml"), host))


def test_with_a_login_roles_come_from_it() -> None:
    with pytest.raises(UsageError, match="roles come from it"):
        refuse_strangers(LOGIN, Start(Path("weir.yaml"), operator=True))


def test_secrets_stand_in_a_file_of_the_owner_that_goes_away() -> None:
    with secrets(LOGIN) as path:
        assert path
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        auth = tomllib.loads(path.read_text("utf-8"))["auth"]
        assert auth["client_secret"] == 'a "quoted" \\ secret'
        command = arguments(Start(Path("weir.yaml"), secrets=path))
        assert not any("quoted" in word for word in command)
        assert f"--secrets.files={path}" in command
    assert not path.exists()


def test_without_a_login_there_are_no_secrets() -> None:
    with secrets(OPEN) as path:
        assert path is None
    assert not any(word.startswith("--secrets") for word in arguments(START))


def test_nothing_is_sent_anywhere_and_no_error_shows_data() -> None:
    command = arguments(START)
    assert "--browser.gatherUsageStats=false" in command
    assert "--client.showErrorDetails=none" in command


def test_no_secret_is_shown_by_the_configuration() -> None:
    assert "quoted" not in repr(LOGIN)
    assert "xxx" not in repr(LOGIN)


def test_people_find_the_pages_where_they_listen_or_where_their_login_brings_them() -> None:
    assert address(OPEN, START) == "http://127.0.0.1:8918"
    assert address(OPEN, Start(Path("weir.yaml"), "::1", 80)) == "http://[::1]:80"
    assert address(LOGIN, START) == "https://weir.example"


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The processes that are started, which wait instead of showing pages."""
    made: list[Any] = []
    popen = subprocess.Popen

    def start(*command: Any, **options: Any) -> Any:
        made.append(popen([sys.executable, "-c", "input()"], **options | {"stdin": subprocess.PIPE}))
        return made[-1]

    monkeypatch.setattr(dashboard.subprocess, "Popen", start)
    monkeypatch.setattr(dashboard, "available", lambda: True)
    return made


def test_pages_beside_a_server_end_with_it(children: list[Any]) -> None:
    with beside(OPEN, START) as url:
        assert url == "http://127.0.0.1:8918"
        assert children[0].poll() is None
    assert children[0].poll() is not None
    children[0].stdin.close()


def test_pages_end_with_the_command_that_serves_them() -> None:
    """As a service manager or a shell's `kill` ends it: nobody is left who holds the port."""
    code = (
        "import sys; from pathlib import Path; from monitor import dashboard;"
        "dashboard.arguments = lambda start: [sys.executable, '-c', 'import os, time; print(os.getpid(),"
        " flush=True); time.sleep(60)'];"
        "dashboard.run(dashboard.Start(Path('weir.yaml')))"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        pages = int(process.stdout.readline())
        process.terminate()
        process.wait(20)
        assert process.stdout.read() == ""  # its end is told when nobody holds it any more
    with pytest.raises(ProcessLookupError):
        os.kill(pages, 0)


def test_strangers_do_not_come_in_beside_a_server_either(children: list[Any]) -> None:
    with pytest.raises(UsageError, match="could read the pages"), beside(OPEN, Start(Path("w"), "0.0.0.0")):
        pass
    assert not children


def test_a_server_says_that_its_pages_need_streamlit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "available", lambda: False)
    with pytest.raises(UsageError, match="Streamlit"), beside(OPEN, START):
        pass


def test_more_pipelines_come_after_the_first() -> None:
    words = arguments(Start(Path("a.yaml"), also=(Path("b.yaml"), Path("c.yaml"))))
    given = [Path(word.partition("=")[2]).name for word in words if word.startswith("--config=")]
    assert given == ["a.yaml", "b.yaml", "c.yaml"]
