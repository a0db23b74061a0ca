"""Both languages say everything."""

from babel.messages import Catalog

from scripts import translations


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
