"""The house plan's walls. The contracts are in pyproject.toml; what they cannot say is here."""

import re
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[2]
WEB = {
    "flask", "flask_login", "flask_wtf", "flask_limiter", "wtforms", "marketplace.foundation.web",
    "marketplace.foundation.form", "marketplace.foundation.address_form", "marketplace.foundation.access",
}  # fmt: skip
OF_THE_WEB = re.compile(
    r"marketplace\.(foundation(\..+)?|app|commands|wiring|demo(_\w+)?|illustrate|\w+\.(routes(\..+)?|forms))$"
)


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(
        "marketplace", include_external_packages=True, cache_dir=str(ROOT / ".import_linter_cache")
    )


def test_contracts_are_kept():
    command = [Path(sys.executable).parent / "lint-imports", "--cache-dir", ".import_linter_cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_rules_do_not_know_the_web(graph):
    """In a room only routes and forms do, back rooms included."""
    found = [
        f"{module} imports {seen}"
        for module in sorted(graph.modules)
        if module.startswith("marketplace.") and not OF_THE_WEB.match(module)
        for seen in sorted(graph.find_modules_directly_imported_by(module) & WEB)
    ]
    assert not found, "\n" + "\n".join(found)


def test_jobs_are_asked_for_by_name(graph):
    """A room's jobs are imported by the switchboard only."""
    found = [
        f"{importer} imports {module}"
        for module in sorted(graph.modules)
        if re.fullmatch(r"marketplace\.(?!foundation)\w+\.jobs", module)
        for importer in graph.find_modules_that_directly_import(module) - {"marketplace.wiring"}
    ]
    assert not found, "\n" + "\n".join(found)
