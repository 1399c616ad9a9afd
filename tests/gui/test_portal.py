"""What both portals share."""

import pytest

from tests.gui.buses import FakeBus

portal = pytest.importorskip("scipix.gui.portal")


@pytest.mark.parametrize(
    ("unique_name", "path"),
    [
        (":1.42", "/org/freedesktop/portal/desktop/request/1_42/token"),
        (":1.2.3", "/org/freedesktop/portal/desktop/request/1_2_3/token"),
    ],
)
def test_request_path_is_the_documented_one(unique_name: str, path: str) -> None:
    assert portal.request_path(unique_name, "token") == path


def test_tokens_differ_and_fit_an_object_path() -> None:
    tokens = {portal.new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.replace("_", "").isalnum() for token in tokens)


def test_variants_lose_their_type_and_other_values_stay() -> None:
    assert portal.plain(("s", "text")) == "text"
    assert portal.plain(("a{sv}", {})) == {}
    assert portal.plain("text") == "text"
    assert portal.plain((1, 2)) == (1, 2)


def test_answer_without_a_version_is_none() -> None:
    assert portal.version(FakeBus(lambda member, body: None, refuse="no"), "org.example.None") is None
