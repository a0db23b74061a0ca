"""Pieces of pages that are kept once they are made: the foot, a product's card.

A piece is kept under everything it shows (and the language and root it is shown in), so a kept piece is never an old
one: a new price is another key. What differs from visitor to visitor, tokens and nonces, is in no piece.
"""

from collections.abc import Hashable

from flask import has_request_context, request
from markupsafe import Markup

from marketplace.foundation import words

MOST = 6_000
_kept: dict[Hashable, Markup] = {}


class Fragments:
    """What templates call: `{{ fragments.get(key) or fragments.put(key, macro(…)) }}`."""

    @staticmethod
    def get(*key: Hashable) -> Markup | None:
        """The piece with this key, if it was made before (what cannot be a key was not)."""
        try:
            return _kept.get((words.language(), request.script_root if has_request_context() else "", key))
        except TypeError:
            return None

    @staticmethod
    def put(piece: Markup, *key: Hashable) -> Markup:
        """Keep a piece; gives it back."""
        try:
            _kept[words.language(), request.script_root if has_request_context() else "", key] = piece
        except TypeError:
            return piece
        if len(_kept) > MOST:
            forget(MOST // 2)
        return piece


def forget(left: int = 0) -> None:
    """Let the oldest pieces go until so many are left."""
    for key in list(_kept)[: max(0, len(_kept) - left)]:
        _kept.pop(key, None)
