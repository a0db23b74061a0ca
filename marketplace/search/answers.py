"""From a typed text to an answer: filters read out of it, slips repaired, and what to try when nothing was found."""

from collections.abc import Mapping
from dataclasses import replace

from marketplace.search.port import Reading, Results, SearchEngine, SearchQuery, Wording


def find(engine: SearchEngine, query: SearchQuery, nearness: Mapping[str, int]) -> Results:
    """The answer to a query as a visitor means it."""
    return replace(engine.find(query, nearness), reading=read(query.text, Wording()))


def read(text: str, wording: Wording) -> Reading:
    """How a text is understood."""
    return Reading(typed=text, text=text)
