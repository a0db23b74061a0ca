"""What a story is given: a town that is open, and people with browsers.

def test_a_story(town, somebody): ...     somebody() walks in; each has cookies of their own

Every story is told in two ways (a small phone without scripts, a desk with them, one language each); `make test-all`
tells it in all eight.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests import machine
from tests.journeys import town as towns
from tests.journeys.town import Town
from tests.journeys.walker import Walker

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


@dataclass(frozen=True)
class Way:
    """How a story is told."""

    width: int
    has_script: bool
    language: str

    def __str__(self) -> str:
        return f"{self.width}-{'script' if self.has_script else 'plain'}-{self.language}"


SHORT = (Way(360, False, "vi"), Way(1280, True, "en"))
FULL = tuple(
    way
    for width in (360, 1280)
    for has_script in (False, True)
    for language in ("vi", "en")
    if (way := Way(width, has_script, language)) not in SHORT
)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    own = any(mark.args[0] == "way" for mark in metafunc.definition.iter_markers("parametrize"))
    if "way" in metafunc.fixturenames and not own:
        ways = [*SHORT, *(pytest.param(way, marks=pytest.mark.full) for way in FULL)]
        metafunc.parametrize("way", ways, ids=str)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    chromium = machine.program("chromium", "chromium")
    return {**browser_type_launch_args, "executable_path": str(chromium), "args": CHROMIUM}


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the small market every town is a copy of."""
    machine.program("chromium", "chromium")
    shared = tmp_path_factory.getbasetemp()
    return towns.seeded(shared.parent if _is_one_of_several(shared) else shared)


@pytest.fixture(scope="session")
def town(seeded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A market that is open for the stories of this process."""
    with towns.running(seeded, tmp_path_factory.mktemp("town")) as opened:
        yield opened


def _is_one_of_several(folder: Path) -> bool:
    return folder.name.startswith("popen-")


@pytest.fixture
def somebody(town: Town, browser: Browser, way: Way) -> Iterator[Callable[[], Walker]]:
    """People who walk in; when the story ends, nothing may have gone wrong for any of them."""
    looks: dict[str, Any] = {
        "viewport": {"width": way.width, "height": 800},
        "is_mobile": way.width < 600,
        "has_touch": way.width < 600,
        "locale": "vi-VN" if way.language == "vi" else "en-GB",
        "timezone_id": "Asia/Ho_Chi_Minh",
    }
    contexts, walkers = [], []

    def walk_in() -> Walker:
        context = browser.new_context(java_script_enabled=way.has_script, **looks)
        context.set_default_timeout(15_000)
        contexts.append(context)
        mirror = None
        if not way.has_script:
            contexts.append(browser.new_context(**looks))
            mirror = contexts[-1].new_page()
        walkers.append(Walker(town, context, mirror, way.language))
        return walkers[-1]

    yield walk_in
    for context in contexts:
        context.close()
    for walker in walkers:
        walker.is_content()
