# ruff: noqa: S608  (statements made of names that stand in this room)
"""What the PostgreSQL engine asks in one statement (in a second, when nothing means exactly what was typed), and how
the rows become results."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, text

from marketplace.foundation import clock
from marketplace.search.adapters.postgres_tables import (
    BROWSED,
    FLAGS,
    PLACES,
    SETTINGS,
    STARS,
    STOCK,
    Codes,
    State,
    lexeme,
)
from marketplace.search.port import (
    FACETS,
    Facet,
    Results,
    SearchQuery,
    Sort,
)
from marketplace.search.ranking import ORDERS
from marketplace.search.terms import Asked, Term
from marketplace.search.words import concepts_of


def _find(
    connection: Connection, state: State, query: SearchQuery, nearness: Mapping[str, int], widely: bool
) -> Results:
    asked = Asked.of(query.text, None if query.literal else concepts_of(state.wording))
    if query.text.strip() and not asked:
        return Results(ids=[], total=0, facets=_nothing(), choices=_nothing())
    given: dict[str, Any] = {"skip": max(0, query.page - 1) * query.per_page, "take": query.per_page}
    filters = _filters(query, state, given)
    if not asked and not filters and state.browse is not None:
        return _browsed(connection, state, query, nearness, given)
    score = "0"
    if asked and query.sort == Sort.RELEVANCE:
        score = _score(asked, given)
        if filters:  # what a filter leaves out is counted, but needs no score
            score = f"CASE WHEN {' AND '.join(filters.values())} THEN {score} ELSE 0 END"
    flags = "".join(
        f" | CASE WHEN {condition} THEN {1 << FLAGS + place} ELSE 0 END"
        for place, condition in enumerate(filters.values())
    )
    order, needed = _order(query.sort, state, nearness, given, score)
    columns = f"id, facts{flags} AS facts, {needed}"
    passed = (1 << len(filters)) - 1
    browse = None if asked else state.browse
    source = f"{state.entry} WHERE t @@ CAST(:text AS tsquery)" if asked else state.fact
    if browse is not None:
        # all products are counted already: of one filter's choices, and in all
        nearly = [" AND ".join(c for c in filters.values() if c != one) or one for one in filters.values()]
        source += f" WHERE {' OR '.join(f'({one})' for one in nearly)}"
    counted = {facet: f"(facts >> {first}) & {(1 << width) - 1}" for facet, (first, width) in PLACES.items()}
    sql = (
        f"WITH m AS MATERIALIZED (SELECT {columns} FROM {source}), "
        "a AS MATERIALIZED (SELECT facts, count(*) AS n FROM m GROUP BY facts), "
        f"b AS (SELECT (facts >> {FLAGS})::integer AS passed, n, "
        f"{', '.join(f'({bits})::integer AS f_{facet}' for facet, bits in counted.items())} FROM a) "
        f"SELECT passed, sum(n)::bigint, grouping({', '.join(f'f_{facet}' for facet in PLACES)}), "
        f"coalesce({', '.join(f'f_{facet}' for facet in PLACES)}), NULL::bigint[] FROM b "
        f"GROUP BY GROUPING SETS ((passed), {', '.join(f'(passed, f_{facet})' for facet in PLACES)}) UNION ALL "
        "SELECT NULL, NULL, NULL, NULL, ARRAY(SELECT id FROM m WHERE "
        f"facts >> {FLAGS} = {passed} ORDER BY {order} LIMIT :take OFFSET :skip)"
    )
    connection.execute(text(SETTINGS))
    for given["text"] in _meanings(asked, widely):
        results = _results(connection.execute(text(sql), given).all(), tuple(filters), state.codes)
        if results.matching:
            break
    if browse is None:
        return results
    choices = dict(results.choices)
    if len(filters) == 1:
        choices |= {facet: dict(browse["facets"][facet]) for facet in FACETS if facet in filters}
    return replace(results, matching=browse["total"], choices=choices)


def _browsed(
    connection: Connection,
    state: State,
    query: SearchQuery,
    nearness: Mapping[str, int],
    given: dict[str, Any],
) -> Results:
    """Everything, in one of the orders: the counts are kept with the mark, and an index or the kept beginning has the
    page."""
    kept: Mapping[str, Any] = state.browse or {}
    facets: dict[Facet, dict[str | int, int]] = {facet: dict(kept["facets"][facet]) for facet in FACETS}
    start, end = given["skip"], given["skip"] + given["take"]
    is_kept = query.sort == Sort.RELEVANCE and not nearness and kept["month"] == clock.today().month
    if is_kept and (end <= BROWSED or kept["total"] <= BROWSED):
        ids = kept["ids"][start:end]
    else:
        order, _ = _order(query.sort, state, nearness, given)
        rows = connection.execute(
            text(f"SELECT id FROM {state.fact} ORDER BY {order} LIMIT :take OFFSET :skip"), given
        )
        ids = list(rows.scalars())
    return Results(ids=ids, total=kept["total"], facets=facets, choices=facets, matching=kept["total"])


def _meanings(asked: Asked, widely: bool) -> list[str]:
    """What fits the text: first those that mean what was typed (Asked.doubts), and where there are none, the others."""
    loose = " & ".join(f"({' | '.join(lexeme(term) for term in terms)})" for terms in asked.covers(widely))
    doubts = [
        f"(!{lexeme(lone)} | {' | '.join(lexeme(term) for term in others)})"
        for lone, others in asked.doubts()
    ]
    return [" & ".join((loose, *doubts)), loose] if doubts else [loose]


def _score(asked: Asked, given: dict[str, Any]) -> str:
    lone: dict[Term, int] = {}
    whole: dict[str, tuple[list[Term], int]] = {}
    for power, terms in asked.signals():
        if len(set(terms)) == 1:
            lone[terms[0]] = lone.get(terms[0], 0) + (1 << power)
        else:
            whole[terms[0][0]] = list(dict.fromkeys(terms)), 1 << power

    def is_there(terms: Iterable[Term]) -> str:
        name = f"w{sum(known[0] == 'w' for known in given)}"
        given[name] = " & ".join(map(lexeme, terms))
        return f"r @@ CAST(:{name} AS tsquery)"

    def each(terms: Iterable[Term]) -> list[str]:
        return [f"CASE WHEN {is_there([term])} THEN {lone[term]} ELSE 0 END" for term in terms]

    def group(fields: Sequence[str]) -> tuple[str, int]:
        """Who has all of the first field has all of the next: of most that were found one look tells."""
        if not fields:
            return "0", 0
        singles = [term for term in lone if term[0] == fields[0]]
        terms, points = whole.get(fields[0], (singles, 0))
        less, fewer = group(fields[1:])
        if not terms:
            return less, fewer
        points += fewer + sum(lone[term] for term in singles)
        some = each(singles) if len(terms) > 1 else []
        return f"CASE WHEN {is_there(terms)} THEN {points} ELSE {' + '.join((*some, less))} END", points

    others = [term for term in lone if term[0] in ("start", "told", "concept")]
    cases = [group(("name_exact", "name"))[0], group(("pair_exact", "pair"))[0], *each(others)]
    return f"least(255, {' + '.join(cases)})"


def _filters(query: SearchQuery, state: State, given: dict[str, Any]) -> dict[str, str]:
    filters: dict[str, str] = {}
    codes = state.codes
    one_of: tuple[Facet, ...] = ("group", "set", "province", "stars")
    for name in one_of:
        if values := query.values(name):
            first, width = PLACES[name]
            numbers = sorted({codes.asked(name, value) << first for value in values})
            filters[name] = f"facts & {((1 << width) - 1) << first} IN ({', '.join(map(str, numbers))})"
    if kinds := query.values("certificate"):
        numbers = [number for kind in kinds if (number := codes.asked("certificate", kind)) > 0]
        bits = sum(1 << PLACES["certificate"][0] + number - 1 for number in set(numbers))
        filters["certificate"] = f"facts & {bits} <> 0"
    if query.grams is not None:
        given["grams"] = min(query.grams, 2**62)
        filters["grams"] = ":grams = ANY(grams)"
    if query.in_season:
        filters["season"] = f"(months >> {clock.today().month}) & 1 = 1"
    if query.price_min is not None or query.price_max is not None:
        given["low"] = min(max(0, query.price_min or 0), 2**62)
        given["high"] = 2**62 if query.price_max is None else max(-1, min(query.price_max, 2**62))
        filters["price"] = "price BETWEEN :low AND :high"
    return filters


def _order(
    sort: Sort, state: State, nearness: Mapping[str, int], given: dict[str, Any], score: str | None = None
) -> tuple[str, str]:
    """The order of rows of fact; or with a score that of rows of m, and the columns m needs for it."""
    near = []
    if nearness:
        given["near"] = [0, *(nearness.get(str(code), 0) for code in state.codes.known.get("province", []))]
        first, width = PLACES["province"]
        place = f"((facts >> {first}) & {(1 << width) - 1})::integer + 1"
        near = [f"coalesce((CAST(:near AS smallint[]))[{place}], 0) DESC"]
    # score, stock, season, stars, sold and month in one number
    best = (
        f"(({score or '0'})::bigint << {STOCK + 2}) | ((worth >> {STOCK})::bigint << {STOCK + 1}) | "
        f"(((months >> {clock.today().month}) & 1)::bigint << {STOCK}) | (worth & {(1 << STOCK) - 1})"
    )
    if sort == Sort.RELEVANCE:
        names = ORDERS[sort.value][ORDERS[sort.value].index("near") :]
        first_ = ["best DESC" if score else f"({best}) DESC"]
    else:
        names, first_ = ORDERS[sort.value], []
    parts = {
        "-price": ["price"],
        "stock": [f"(worth >> {STOCK}) DESC"],
        "stars": [f"((worth >> {STARS}) & 15) DESC"],
        "near": near,
    }
    order = [*first_, *(one for name in names for one in parts.get(name, [f"{name} DESC"]))]
    needed = {
        Sort.RELEVANCE: f"{best} AS best, created",
        Sort.NEWEST: "created",
        Sort.POPULAR: "sales, worth",
    }
    return ", ".join(order), needed.get(sort, "price, sales, worth")


def _results(rows: Sequence[Any], filters: Sequence[str], codes: Codes) -> Results:
    """The rows: what was counted, by which filters were passed; and the page."""
    ids: list[int] = []
    total = matching = 0
    facets: dict[Facet, dict[str | int, int]] = _nothing()
    choices: dict[Facet, dict[str | int, int]] = _nothing()
    all_passed = (1 << len(filters)) - 1
    but = {name: all_passed & ~(1 << place) for place, name in enumerate(filters)}
    grouped = {1 << place: facet for place, facet in enumerate(reversed(PLACES))}
    every = sum(grouped)
    for passed, n, grouping, number, page in rows:
        if page is not None:
            ids = list(page)
        elif grouping == every:
            matching += n
            total += n if passed == all_passed else 0
        else:
            facet = grouped[every - grouping]
            needed = but.get(facet, all_passed)
            if passed & needed == needed:
                for value in codes.values(facet, number):
                    choices[facet][value] = choices[facet].get(value, 0) + n
                    if passed == all_passed:
                        facets[facet][value] = facets[facet].get(value, 0) + n
    return Results(ids=ids, total=total, facets=facets, choices=choices, matching=matching)


def _nothing() -> dict[Facet, dict[str | int, int]]:
    return {facet: {} for facet in FACETS}


# -- words --------------------------------------------------------------------------------------------------------
