"""Pieces of pages that are kept once they are made: the foot, a product's card.

A piece is kept under everything it shows (and the language and root it is shown in), so a kept piece is never an old
one: a new price is another key. What differs from visitor to visitor, tokens and nonces, is in no piece.
"""

from collections import OrderedDict
from collections.abc import Hashable
from contextlib import suppress

from flask import has_request_context, request
from markupsafe import Markup

from marketplace.foundation import words

MOST = 6_000
_kept: OrderedDict[Hashable, Markup] = OrderedDict()


class Fragments:
    """What templates call: `{{ fragments.get(key) or fragments.put(key, macro(…)) }}`. Pieces anybody could ask for in
    endless variety (what was typed) are not kept: they would push out the others."""

    @staticmethod
    def get(*key: Hashable) -> Markup | None:
        """The piece with this key, if it was made before (what cannot be a key was not)."""
        try:
            whole = _whole(key)
            found = _kept.get(whole)
            if found is not None:
                _kept.move_to_end(whole)
        except (KeyError, TypeError):  # gone between two looks; or no key at all
            return None
        return found

    @staticmethod
    def put(piece: Markup, *key: Hashable) -> Markup:
        """Keep a piece; gives it back. The longest unused goes when there are too many."""
        with suppress(KeyError, TypeError):
            _kept[_whole(key)] = piece
            if len(_kept) > MOST:
                _kept.popitem(last=False)
        return piece


def _whole(key: Hashable) -> Hashable:
    return words.language(), request.script_root if has_request_context() else "", key
