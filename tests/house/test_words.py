"""Both languages say everything."""

import re
from pathlib import Path

import pytest
from babel.messages import Catalog

from marketplace.catalog import history
from marketplace.catalog.models import Certificate
from marketplace.dossiers import queries as dossiers
from marketplace.dossiers.models import Dossier
from marketplace.farmers import queries as farmers
from marketplace.farmers.models import Farm
from scripts import translations

ROOMS = Path(__file__).parents[2] / "marketplace"
TRAILS = {
    "dossier": (dossiers.DEEDS, Dossier),
    "farm": (farmers.DEEDS, Farm),
    "certificate": (history.DEEDS, Certificate),
}


@pytest.mark.parametrize("kind", TRAILS)
def test_every_deed_of_a_trail_has_words(kind):
    """Who did what is read by people: no verb of the code stands on the page as it is written there."""
    words, record = TRAILS[kind]
    recorded = re.compile(rf'"({kind}\.(?!id")[a-z_]+)"')
    deeds = {verb for path in ROOMS.rglob("*.py") for verb in recorded.findall(path.read_text("utf-8"))}
    moved_to = {state for targets in record.MOVES.values() for state in targets}
    assert deeds and moved_to
    assert not sorted((deeds | {f"{kind}.{state.value}" for state in moved_to}) - set(words))


def test_translations_are_complete():
    wrong = translations.faults()
    assert not wrong, f"{len(wrong)} faults, the first: " + "\n".join(wrong[:10])


def test_an_untranslated_text_is_found(tmp_path, monkeypatch):
    po = tmp_path / "en" / "LC_MESSAGES" / "messages.po"
    po.parent.mkdir(parents=True)
    catalogue = Catalog(locale="en")
    catalogue.add("Trà %(count)s", "Tea")
    catalogue.add("Chưa chắc", "Not sure", flags=["fuzzy"])
    po.write_bytes(translations.as_text(catalogue))
    source = Catalog()
    source.add("Trà %(count)s")
    source.add("Mật ong")
    source.add("Chưa chắc")
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "FOLDER", tmp_path)
    monkeypatch.setattr(translations, "extract", lambda: source)
    said = "\n".join(translations.faults())
    assert "not translated: 'Mật ong'" in said
    assert "fuzzy: 'Chưa chắc'" in said
    assert "other facts than the source: 'Trà %(count)s'" in said
