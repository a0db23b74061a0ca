"""What the machine must have for some tests. What is lacking is skipped with its reason; under CI=true it fails."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

IS_CI = os.environ.get("CI", "").lower() in {"1", "true", "yes"}


def lacking(what: str, install: str) -> NoReturn:
    """Skip this test because the machine has no `what`; on CI that is a failure, never a skip."""
    reason = f"not on this machine: {what} (apt install {install})"
    if IS_CI:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def program(name: str, install: str) -> Path:
    """Where a program is, for a test that cannot do without it."""
    found = shutil.which(name)
    if found is None:
        lacking(name, install)
    return Path(found)
