"""The register (sổ theo dõi hồ sơ, form 07) as a page with filters and as a file: the same for handlers and
at a counter. Only whose dossiers stand in it differs."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, request, url_for
from sqlalchemy import Select

from marketplace.dossiers import queries
from marketplace.dossiers import register as book
from marketplace.dossiers.forms import day_typed
from marketplace.dossiers.models import Dossier, DossierState
from marketplace.dossiers.queries import RegisterQuery
from marketplace.foundation import clock
from marketplace.foundation.form import tidy
from marketplace.foundation.web import Pager, page, private_file
from marketplace.places.models import ServicePoint

FILTERS = ("q", "state", "procedure", "point", "when", "begins", "ends")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def hang_register(
    bp: Blueprint,
    desk: str,
    theirs: Callable[[], Select[Dossier]],
    points: Callable[[], Sequence[ServicePoint]],
) -> None:
    """Two pages more for a blueprint that has `dossier` and `dossiers`: `theirs` are the dossiers its reader may see,
    `points` the counters to choose from."""

    def register() -> Any:
        asked = _asked()
        wanted = queries.narrowed(theirs(), _query(asked))
        pager = Pager(queries.count(wanted), per_page=50)
        chosen: dict[str, Any] = {name: typed for name, typed in asked.items() if typed}
        return page(
            "dossiers/register.html",
            desk=desk,
            home=bp.name,
            dossiers=queries.rows(wanted, pager.offset, pager.limit),
            pager=pager,
            asked=asked,
            states=[state for state in DossierState if state is not DossierState.DRAFTING],
            procedures=queries.procedures(),
            points=points(),
            files=[
                (ending, url_for(f"{bp.name}.register_file", ending=ending, **chosen))
                for ending in ("csv", "xlsx")
            ],
        )

    def register_file(ending: str) -> Any:
        """The same rows as a file, with nothing in it a spreadsheet would run."""
        wanted = queries.narrowed(theirs(), _query(_asked()))
        found = queries.rows(wanted, 0, book.MOST_ROWS)
        name = f"so-theo-doi-{clock.today().isoformat()}.{ending}"
        if ending == "csv":
            return private_file(book.as_csv(found), "text/csv", name, is_download=True)
        return private_file(book.as_xlsx(found), XLSX, name, is_download=True)

    bp.add_url_rule("/dossiers/register", view_func=register)
    bp.add_url_rule("/dossiers/register.<any(csv,xlsx):ending>", view_func=register_file)


def _asked() -> dict[str, str]:
    return {name: tidy(request.args.get(name, ""))[:80] for name in FILTERS}


def _query(asked: dict[str, str]) -> RegisterQuery:
    return RegisterQuery(
        state=next((state for state in DossierState if state.value == asked["state"]), None),
        text=asked["q"],
        procedure_key=asked["procedure"],
        point_code=asked["point"],
        when=asked["when"] if asked["when"] in ("late", "soon") else "",
        begins=day_typed(asked["begins"]),
        ends=day_typed(asked["ends"]),
    )
