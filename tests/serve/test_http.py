"""What the server answers, to whom."""

import base64
import gzip
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError
from wsgiref.util import setup_testing_defaults

import pytest
from prometheus_client import CollectorRegistry, Gauge

from monitor.errors import UsageError
from monitor.serve.http import Certificate, Listener, Site, allowed, application


def site(**changes: Any) -> Site:
    registry = CollectorRegistry()
    Gauge("weir_leader", "Leads.", registry=registry).set(1)
    options = {
        "pipeline": "shop",
        "registry": registry,
        "users": dict,
        "role": lambda: "leader",
        "problems": list,
    }
    return Site(**(options | changes))


def ask(some: Site, path: str, method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": path, "REQUEST_METHOD": method}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    said: list[Any] = []
    body = b"".join(application(some)(environ, lambda *args: said.extend(args)))
    return int(said[0].split()[0]), dict(said[1]), body


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_metrics_as_text():
    status, headers, body = ask(site(), "/metrics")
    assert status == 200
    assert headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"weir_leader 1.0\n" in body
    assert headers["Content-Length"] == str(len(body))


def test_metrics_as_openmetrics():
    status, headers, body = ask(site(), "/metrics", accept="application/openmetrics-text;version=1.0.0;q=0.5")
    assert status == 200
    assert headers["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")


def test_metrics_compressed():
    _, headers, body = ask(site(), "/metrics", accept_encoding="gzip, br")
    assert headers["Content-Encoding"] == "gzip"
    assert b"weir_leader 1.0\n" in gzip.decompress(body)


def test_alive_and_ready():
    assert ask(site(), "/healthz")[::2] == (200, b"alive\n")
    assert ask(site(), "/readyz")[::2] == (200, b"ready\nleader\n")


def test_not_ready_says_why():
    broken = site(problems=lambda: ["the store has not answered for 40 s"], role=lambda: "follower")
    assert ask(broken, "/readyz")[::2] == (
        503,
        b"not ready\nfollower\nthe store has not answered for 40 s\n",
    )


def test_index_links_and_escapes():
    status, headers, body = ask(site(pipeline="<b>"), "/")
    assert status == 200
    assert b"/metrics" in body
    assert b"&lt;b&gt;" in body
    assert headers["Content-Security-Policy"] == "default-src 'none'"


def test_head_has_no_body():
    status, headers, body = ask(site(), "/metrics", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    "path, method, status",
    [("/nothing", "GET", 404), ("/metrics", "POST", 405), ("/metrics/../x", "GET", 404)],
)
def test_nothing_else(path: str, method: str, status: int):
    assert ask(site(), path, method)[0] == status


USERS = {"ann": "s3cret", "bob": "größer:als"}


@pytest.mark.parametrize("user, password", USERS.items())
def test_known_user_reads(user: str, password: str):
    assert ask(site(users=lambda: USERS), "/metrics", authorization=basic(user, password))[0] == 200


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic !!!",
        "Bearer s3cret",
        basic("ann", "größer:als"),
        basic("ann", ""),
        basic("", ""),
        basic("ann", "s3cret "),
        "Basic größer",
    ],
)
def test_others_do_not(header: str):
    for path in ("/metrics", "/", "/nothing"):
        status, headers, body = ask(site(users=lambda: USERS), path, authorization=header)
        assert status == 401
        assert headers["WWW-Authenticate"].startswith("Basic realm=")
        assert b"weir_leader" not in body


def test_probes_need_no_password():
    for path in ("/healthz", "/readyz"):
        assert ask(site(users=lambda: USERS), path)[0] == 200


def test_without_users_anyone_reads():
    assert allowed({}, "")
    assert not allowed({"ann": "x"}, "")


@contextmanager
def listening(some: Site, certificate: Certificate | None = None) -> Iterator[Listener]:
    listener = Listener("127.0.0.1", 0, application(some), certificate)
    thread = Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield listener
    finally:
        listener.shutdown()
        listener.close()
        thread.join(5)


def test_free_port_is_told():
    with listening(site()) as listener:
        assert not listener.url.endswith(":0")
        with urllib.request.urlopen(f"{listener.url}/healthz", timeout=5) as answer:
            assert answer.read() == b"alive\n"


def test_busy_port_is_a_usage_error():
    with listening(site()) as listener, pytest.raises(UsageError, match="cannot listen on 127"):
        Listener("127.0.0.1", listener.server_port, application(site()))


def test_stalled_client_holds_up_nobody():
    with listening(site()) as listener, socket.create_connection(("127.0.0.1", listener.server_port)) as idle:
        idle.sendall(b"GET /metr")
        with urllib.request.urlopen(f"{listener.url}/healthz", timeout=5) as answer:
            assert answer.status == 200


@pytest.fixture
def pem(tmp_path: Path) -> tuple[Path, Path]:
    return self_signed(tmp_path, "a")


def self_signed(folder: Path, name: str) -> tuple[Path, Path]:
    chain, key = folder / f"{name}.crt", folder / f"{name}.key"
    options = "-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", chain]
    subprocess.run(["openssl", "req", *options.split(), *names], check=True, capture_output=True, timeout=30)
    return chain, key


def fetch(url: str, trusted: Path) -> bytes:
    context = ssl.create_default_context(cafile=str(trusted))
    with urllib.request.urlopen(url, timeout=5, context=context) as answer:
        return answer.read()


def test_tls(pem: tuple[Path, Path]):
    with listening(site(), Certificate(*pem)) as listener:
        assert listener.url.startswith("https://")
        assert fetch(f"{listener.url}/healthz", pem[0]) == b"alive\n"


def test_client_without_tls_or_handshake_holds_up_nobody(pem: tuple[Path, Path]):
    with listening(site(), Certificate(*pem)) as listener:
        with socket.create_connection(("127.0.0.1", listener.server_port)):
            assert fetch(f"{listener.url}/healthz", pem[0]) == b"alive\n"
        with socket.create_connection(("127.0.0.1", listener.server_port)) as plain:
            plain.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
            with suppress(ConnectionResetError):
                assert b"weir_leader" not in plain.recv(1000)


def test_renewed_certificate_is_taken_without_a_restart(pem: tuple[Path, Path], tmp_path: Path):
    certificate = Certificate(*pem)
    with listening(site(), certificate) as listener:
        fetch(f"{listener.url}/healthz", pem[0])
        fresh = self_signed(tmp_path, "b")
        pem[0].write_text("half")
        certificate.renew()  # a file half written is left alone
        for old, new in zip(pem, fresh, strict=True):
            new.replace(old)
        certificate.renew()
        assert fetch(f"{listener.url}/healthz", pem[0]) == b"alive\n"


@pytest.mark.parametrize("spoil", ["missing", "nonsense"])
def test_bad_certificate_is_a_usage_error(pem: tuple[Path, Path], spoil: str):
    if spoil == "missing":
        pem[0].unlink()
    else:
        pem[1].write_text("nonsense")
    with pytest.raises(UsageError, match=r"no certificate and key in a\.crt and a\.key"):
        Certificate(*pem)


def test_wrong_password_over_the_wire():
    with listening(site(users=lambda: USERS)) as listener:
        with pytest.raises(HTTPError) as caught:
            urllib.request.urlopen(f"{listener.url}/metrics", timeout=5)
        with caught.value as error:
            assert error.code == 401
