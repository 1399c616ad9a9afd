from __future__ import annotations

import threading
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from scipix.cli.metrics import make_server, serve
from scipix.errors import UsageError


@pytest.fixture
def address() -> Iterator[str]:
    answers = iter(["first 1\n", "second 2\n"])
    with make_server(0, lambda: next(answers)) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        assert server.server_address[0] == "127.0.0.1"
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_each_request_gets_the_figures_of_its_moment(address: str) -> None:
    for expected in (b"first 1\n", b"second 2\n"):
        with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
            assert answer.read() == expected
            assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")


def test_other_paths_are_not_found(address: str) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{address}/", timeout=10)


def test_a_port_that_is_taken_is_told() -> None:
    with make_server(0, str) as server, pytest.raises(UsageError, match="cannot listen"):
        serve(server.server_port, str, lambda port: None)
