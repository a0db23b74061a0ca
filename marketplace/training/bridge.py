"""The bridge between the two markets: a signed word each way, carried by the learner's own browser, good for ten
minutes.

There and back are signed under different salts, so that neither can be used for the other.
"""

from dataclasses import asdict, dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer

from marketplace.foundation import market
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

LIFE_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOff:
    """Who goes to practise: their code, what they are called, where their farm is, how they read."""

    person: str
    name: str
    commune: str | None = None
    language: str = "vi"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What somebody did in the practice market: keys of steps and of lessons."""

    person: str
    deeds: tuple[str, ...]


def hand_off(word: HandOff) -> str:
    return _signer("to practice").dumps(asdict(word))


def read_hand_off(token: str) -> HandOff:
    """Who comes; raises Refusal for a word that is not ours or too old."""
    return HandOff(**_read(token, "to practice"))


def report(word: Report) -> str:
    return _signer("from practice").dumps({"person": word.person, "deeds": list(word.deeds)})


def read_report(token: str) -> Report:
    facts = _read(token, "from practice")
    return Report(person=facts["person"], deeds=tuple(facts["deeds"]))


def _read(token: str, salt: str) -> dict[str, Any]:
    try:
        return dict(_signer(salt).loads(token, max_age=LIFE_SECONDS))
    except BadSignature:
        raise Refusal(
            _("Đường dẫn sang chợ tập đã quá hạn. Hãy bấm lại nút ở trang Lớp học của tôi."), status=410
        ) from None


def _signer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(market.settings().secret_key, salt=f"bridge {salt}")
