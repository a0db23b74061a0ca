"""Paper slips of numbers, handed out in class: whoever has no telephone at hand, or no signal, says yes by reading the
next number out.

Each number stands for one deed, the one in front of the farmer when it is read; it is used once, and only when it is
its turn. The numbers are seen once, on the sheet that is printed: kept are their fingerprints. Who prints the sheet
sees them, so every use is told to the farmer, names the helper in the trail, and may be undone for a day.

They answer for every yes of the house through the port `accounts.port.Slips`.

Verbs: hand_out, use, void.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from marketplace.accounts import queries as people
from marketplace.accounts.models import Person
from marketplace.accounts.port import NextNumber
from marketplace.foundation import audit, clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.fingerprint import fingerprint, is_same, new_digits
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _
from marketplace.notifications import service as notifications
from marketplace.training.models import CodeSlip, Learner, LearnerState, SlipNumber, TrainingClass

NUMBERS = 12
DIGITS = 8
"""More than a code of an SMS has, so that one is never taken for the other."""
WRONG_TRIES = 5


@dataclass(frozen=True, slots=True)
class Printed:
    """A slip as it goes to the printer, the only time its numbers are seen."""

    slip: CodeSlip
    numbers: tuple[str, ...]


def hand_out(training_class: TrainingClass, learners: Sequence[Learner], by: Actor) -> list[Printed]:
    """A new slip for each of these learners, who are told; the slip they had is void."""
    if not learners:
        raise Refusal(_("Hãy chọn ít nhất một học viên để in tờ mã."))
    return [_hand_out(training_class, learner, by) for learner in learners]


def _hand_out(training_class: TrainingClass, learner: Learner, by: Actor) -> Printed:
    if learner.state is not LearnerState.JOINED or learner.person is None:
        raise Refusal(_("%(name)s chưa xác nhận vào lớp nên chưa phát tờ mã được.", name=learner.name))
    person = learner.person
    claim(Person, [person.id])
    old = slip_of(person)
    if old is not None:
        void(old, by)
    slip = CodeSlip(
        person_id=person.id, person=person, class_id=training_class.id, printed_by_id=by.person_id or 0
    )
    db.session.add(slip)
    db.session.flush()
    numbers = tuple(new_digits(DIGITS) for _place in range(NUMBERS))
    slip.numbers = [
        SlipNumber(place=place, number_hash=_fingerprint(slip, place, digits))
        for place, digits in enumerate(numbers, 1)
    ]
    audit.record(by, "code_slip.handed_out", slip, person=person.code)
    notifications.send(people.recipient_of(person), "training/slip_handed_out", "/learn", slip=slip.code)
    return Printed(slip, numbers)


def slip_of(person: Person) -> CodeSlip | None:
    """The slip this person may use, if they have one with a number left."""
    return db.session.scalars(
        select(CodeSlip)
        .where(
            CodeSlip.person_id == person.id,
            CodeSlip.voided_at.is_(None),
            CodeSlip.next_place <= NUMBERS,
        )
        .order_by(CodeSlip.id.desc())
        .limit(1)
    ).first()


def next_number(person: Person) -> NextNumber | None:
    """The number whose turn it is on the person's slip; none without one."""
    slip = slip_of(person)
    return NextNumber(slip.code, slip.next_place) if slip is not None else None


def slips_of(person_ids: Sequence[int]) -> dict[int, CodeSlip]:
    """Who has a slip with a number left."""
    asked = select(CodeSlip).where(
        CodeSlip.person_id.in_(person_ids), CodeSlip.voided_at.is_(None), CodeSlip.next_place <= NUMBERS
    )
    return {slip.person_id: slip for slip in db.session.scalars(asked)}


def is_number(typed: str) -> bool:
    """As long as a number of a slip, and so no code of an SMS?"""
    return len(_digits(typed)) == DIGITS


def _digits(typed: str) -> str:
    return "".join(letter for letter in typed if letter.isdigit())


def use(person: Person, deed: str, typed: str, by: Actor) -> bool:
    """Did the person read out the number whose turn it is? It is bound to this deed then. A number of another place,
    one that was used and a wrong one are no; after five the slip is void. Never raises, so that the count is written.
    """
    slip = slip_of(person)
    if slip is None:
        return False
    (slip,) = claim(CodeSlip, [slip.id])
    if slip.voided_at is not None or slip.next_place > NUMBERS:
        return False
    number = next(one for one in slip.numbers if one.place == slip.next_place)
    if not is_same(number.number_hash, _fingerprint(slip, number.place, _digits(typed))):
        slip.wrong_count += 1
        if slip.wrong_count >= WRONG_TRIES:
            void(slip, by)
        return False
    number.used_at, number.deed = clock.now(), deed
    slip.next_place, slip.wrong_count = slip.next_place + 1, 0
    audit.record(by, "code_slip.used", slip, place=number.place, deed=deed)
    return True


def void(slip: CodeSlip, by: Actor) -> None:
    """The slip opens nothing any more: lost, replaced, or tried too often."""
    if slip.voided_at is None:
        slip.voided_at = clock.now()
        audit.record(by, "code_slip.voided", slip)


def _fingerprint(slip: CodeSlip, place: int, digits: str) -> str:
    """Bound to its slip and its place: the third number is not the fourth."""
    return fingerprint(digits, f"slip {slip.code} {place}")
