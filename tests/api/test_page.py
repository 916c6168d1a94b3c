"""The built page: one HTML for every page address, and its files; nothing else of the disk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from metriccare.wiring import api as wiring
from tests.api.running import Running, running


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    site = tmp_path_factory.mktemp("site")
    (site / "index.html").write_text("<!doctype html><title>MetricCare</title>")
    (site / "favicon.svg").write_text("<svg/>")
    (site / "assets").mkdir()
    (site / "assets" / "app-1a2b.js").write_text("export {};")
    (site.parent / "secret.txt").write_text("secret")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(wiring, "built_page", lambda: site)
        with running(tmp_path_factory.mktemp("lake")) as served:
            yield served


@pytest.mark.parametrize("path", ["/", "/measures/readmission_30d", "/s/0a1b", "/audit?x=1"])
def test_every_page_address_gives_the_page(paged: Running, path: str) -> None:
    answer = paged.browser().get(path)

    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-cache"


def test_the_page_may_load_only_what_is_its_own(paged: Running) -> None:
    policy = paged.browser().get("/").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert f"form-action 'self' {paged.provider.issuer};" in policy


def test_assets_are_kept_for_ever_because_their_names_change(paged: Running) -> None:
    answer = paged.browser().get("/assets/app-1a2b.js")

    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


def test_scripts_are_sent_compressed_to_those_who_take_it(paged: Running) -> None:
    packed = paged.browser().get("/assets/app-1a2b.js", headers={"accept-encoding": "gzip"})
    plain = paged.browser().get("/assets/app-1a2b.js", headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "Accept-Encoding"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text == "export {};"
    assert "immutable" in packed.headers["cache-control"]


@pytest.mark.parametrize(
    "path",
    ["/v1/nothing", "/V1/nothing", "/auth/nothing", "/assets/nothing.js",
     "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/a//b", "/fhir/r4/Measure", "/health/nothing"],
)  # fmt: skip
def test_other_addresses_are_errors_and_audited(paged: Running, path: str) -> None:
    paged.served.services.limiter._windows.clear()
    before = len(paged.audit())
    answer = paged.browser().get(path)

    assert answer.status_code == 404
    assert "secret" not in answer.text
    assert len(paged.audit()) == before + 1


def test_a_page_address_takes_no_other_method(paged: Running) -> None:
    assert paged.browser().post("/measures").status_code == 404
    assert paged.browser().request("OPTIONS", "/v1/views").headers["allow"] == (
        "GET, HEAD, OPTIONS, POST"
    )
