"""The texts in English: translations/en/LC_MESSAGES/messages.po. The source language is Vietnamese.

python scripts/translations.py compile     makes the .mo the market reads, when the .po is newer
python scripts/translations.py update      collects new and changed texts from the source
python scripts/translations.py check       says what is missing, doubtful or out of step (exit 1)
"""

import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
LANGUAGES = ("en",)
SOURCES = ("marketplace", "templates")
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
FACT = re.compile(r"%\((\w+)\)")
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2)}


def catalogues() -> list[Path]:
    return [po for language in LANGUAGES if (po := _po(language)).exists()]


def _po(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(po: Path) -> Catalog:
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3])


def compile_new() -> None:
    """A .mo beside each .po that is newer. A text marked fuzzy is left out, so it is shown in Vietnamese."""
    for po in catalogues():
        mo = po.with_suffix(".mo")
        if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
            continue
        compiled = BytesIO()
        write_mo(compiled, read(po))
        half = mo.with_suffix(".mo.half")
        half.write_bytes(compiled.getvalue())
        half.replace(mo)


def extract() -> Catalog:
    """Every text of the source; without the places where it stands, which change with every edit."""
    found = Catalog()
    for source in SOURCES:
        for _, _, message, comments, context in extract_from_dir(ROOT / source, METHODS, OPTIONS, KEYWORDS):
            found.add(message, auto_comments=comments, context=context)
    return found


def updated(po: Path) -> Catalog:
    """The catalogue with exactly the texts of today's source. Nothing is guessed: what is new is empty."""
    catalogue = read(po)
    written_on = catalogue.creation_date
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.creation_date = written_on
    catalogue.obsolete.clear()
    return catalogue


def as_text(catalogue: Catalog) -> bytes:
    text = BytesIO()
    write_po(text, catalogue, width=100, no_location=True, sort_output=True)
    return text.getvalue()


def update() -> None:
    for language in LANGUAGES:
        if not (po := _po(language)).exists():
            po.parent.mkdir(parents=True, exist_ok=True)
            po.write_bytes(as_text(Catalog(locale=language, project="Chợ Quê")))
    for po in catalogues():
        catalogue = updated(po)
        po.write_bytes(as_text(catalogue))
        empty = sum(not is_translated(message) for message in catalogue if message.id)
        print(f"{po.relative_to(ROOT)}: {len(catalogue)} texts, {empty} to translate")


def faults() -> list[str]:
    """What is wrong with the catalogues, a line each."""
    found = [
        f"there is no {_po(language)} (make translations)"
        for language in LANGUAGES
        if not _po(language).exists()
    ]
    for po in catalogues():
        old, new = read(po), updated(po)
        name = po.relative_to(ROOT)
        found += [
            f"{name}: not translated: {message.id!r}"
            for message in new
            if message.id and not is_translated(message)
        ]
        found += [f"{name}: marked fuzzy: {message.id!r}" for message in old if message.id and message.fuzzy]
        stray = {message.id for message in old} - {message.id for message in new}
        found += [
            f"{name}: no longer in the source (make translations): {text!r}"
            for text in sorted(stray, key=str)
        ]
        found += [
            f"{name}: other facts than the source: {message.id!r}"
            for message in old
            if not _same_facts(message)
        ]
    return found


def _same_facts(message: Message) -> bool:
    """Every %(fact)s of the source is in the translation, and none besides; a singular may leave out its number."""
    ids = message.id if isinstance(message.id, (list, tuple)) else [message.id]
    wanted = {fact for text in ids for fact in FACT.findall(text)}
    free = {"num"} if len(ids) > 1 else set()
    return all(set(FACT.findall(form)) - free == wanted - free for form in _forms(message) if form)


def _forms(message: Message) -> list[str | None]:
    return list(message.string) if isinstance(message.string, (list, tuple)) else [message.string]


def is_translated(message: Message) -> bool:
    return all(_forms(message))


def main(verb: str) -> None:
    if verb == "compile":
        compile_new()
    elif verb == "update":
        update()
        compile_new()
    elif verb == "check":
        wrong = faults()
        sys.exit("\n".join([*wrong[:40], f"{len(wrong)} faults in the translations"]) if wrong else 0)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
