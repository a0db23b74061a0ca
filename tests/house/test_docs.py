"""What the documents promise is there."""

import re

from config import Settings
from tests.conftest import ROOT


def test_every_setting_is_explained():
    explained = set(re.findall(r"`([A-Z][A-Z_]+)`", (ROOT / "docs" / "running.md").read_text()))
    settings = {name.upper() for name in Settings.model_fields}
    assert settings - explained == set()
    rows = re.findall(r"^\| (`[A-Z_`, ]+) \|", (ROOT / "docs" / "running.md").read_text(), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"[A-Z_]+", row)} - settings == set()


def test_every_target_of_make_is_explained():
    text = (ROOT / "Makefile").read_text()
    targets = re.findall(r"^([a-z-]+):", text, re.MULTILINE)
    assert [target for target in targets if not re.search(rf"^{target}:.*## ", text, re.MULTILINE)] == [
        "env",
        "dev",
    ]
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert phony is not None
    assert set(phony[1].split()) == set(targets)
