"""What can be done: plan a class, take learners in, note who came, say a word to those who stand still."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from marketplace.accounts import queries as people
from marketplace.accounts.events import SignedIn
from marketplace.accounts.models import Consent, Person, Role
from marketplace.foundation import audit, clock, files, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, clean_text, db
from marketplace.foundation.fingerprint import new_digits
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.sheets import FORMULA_STARTS, Sheet
from marketplace.foundation.words import Text, _, in_language
from marketplace.notifications import service as notifications
from marketplace.notifications.models import Recipient
from marketplace.places import queries as places
from marketplace.training import lessons, queries
from marketplace.training.bridge import Report
from marketplace.training.models import (
    MOST_SEATS,
    CameBy,
    ClassAssistant,
    ClassState,
    CodeSlip,
    ConsentPaper,
    Learner,
    LearnerState,
    Nudge,
    PracticeReport,
    TrainingClass,
)
from marketplace.training.queries import Progress
from marketplace.training.steps import BY_KEY

LONGEST_DAY = timedelta(hours=12)
NUDGE_AGAIN = timedelta(days=3)
HERE_BEFORE = timedelta(hours=2)
THE_TRAINERS = _("Số này là của cán bộ của lớp.")
HERE_AFTER = timedelta(hours=4)


# -- the class ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassFacts:
    """What is written about a class. Position in degrees, or none: then only the place's name is shown."""

    title: str
    commune_code: str
    place: str
    begins_at: datetime
    ends_at: datetime
    seats: int
    note: str = ""
    lat: float | None = None
    lon: float | None = None


def plan(trainer: Person, facts: ClassFacts, by: Actor) -> TrainingClass:
    """Announce a class in one of the communes the trainer works in; its six digits are made here."""
    _may_teach(trainer, facts.commune_code)
    if facts.ends_at <= clock.now():
        raise Refusal(_("Buổi học này đã qua. Hãy chọn một ngày sắp tới."), field="day")
    made = TrainingClass(trainer_id=trainer.id, trainer=trainer, join_code=_free_digits())
    _write(made, facts)
    db.session.add(made)
    db.session.flush()
    audit.record(by, "training_class.planned", made, commune=facts.commune_code)
    return made


def change(training_class: TrainingClass, facts: ClassFacts, by: Actor) -> None:
    """Other words, another hour, more seats: fewer than are taken is refused. Learners are told of a new hour or
    place."""
    _must_be_open(training_class)
    (training_class,) = claim(TrainingClass, [training_class.id])
    _may_teach(training_class.trainer, facts.commune_code)
    taken = queries.taken_seats(training_class)
    if facts.seats < taken:
        raise Refusal(
            _("Lớp đã có %(taken)s người, không giảm xuống dưới số đó được.", taken=taken), field="seats"
        )
    before = (training_class.begins_at, training_class.place, training_class.commune_code)
    _write(training_class, facts)
    audit.record(by, "training_class.changed", training_class)
    if before != (training_class.begins_at, training_class.place, training_class.commune_code):
        _tell_all(training_class, "training/moved")


def cancel(training_class: TrainingClass, reason: str, by: Actor) -> None:
    """The class is not held; everybody in it is told why."""
    reason = clean_text(reason).strip()
    if not reason:
        raise Refusal(_("Hãy ghi lý do để học viên biết."), field="reason")
    states.move(training_class, ClassState.CANCELLED, by, why=reason)
    _tell_all(training_class, "training/cancelled", reason=reason)


def close(training_class: TrainingClass, by: Actor) -> None:
    """Nobody joins any more; the board stays."""
    states.move(training_class, ClassState.CLOSED, by)


def reopen(training_class: TrainingClass, by: Actor) -> None:
    """Learners may join again."""
    states.move(training_class, ClassState.OPEN, by)


def hand_over(training_class: TrainingClass, to: Person, by: Actor) -> None:
    """Another trainer takes the class: the first one left the association, or is ill. Both sides of it are in the
    trail."""
    if not to.has_role(Role.TRAINER):
        raise Refusal(
            _("Người này chưa phải cán bộ hướng dẫn. Hãy nhờ quản trị giao việc trước."), field="phone"
        )
    origin = training_class.trainer
    training_class.trainer_id, training_class.trainer = to.id, to
    for held in [one for one in training_class.assistants if one.person_id == to.id]:
        training_class.assistants.remove(held)
        db.session.delete(held)
    audit.record(by, "training_class.handed_over", training_class, origin=origin.code, to=to.code)
    notifications.send(
        people.recipient_of(to),
        "training/handed_over",
        f"/train/classes/{training_class.code}",
        title=training_class.title,
        origin=origin.name,
    )


def add_assistant(training_class: TrainingClass, phone: str, by: Actor) -> None:
    """A second trainer, found by telephone number. Added twice they are there once."""
    found = people.person_by_login(parse_phone(clean_text(phone)) or "")
    if found is None or not found.has_role(Role.TRAINER):
        raise Refusal(_("Không có cán bộ hướng dẫn nào mang số này."), field="phone")
    if queries.is_taught_by(training_class, found):
        return
    training_class.assistants.append(ClassAssistant(person_id=found.id, person=found))
    audit.record(by, "training_class.assistant_added", training_class, person=found.code)


def remove_assistant(training_class: TrainingClass, person_code: str, by: Actor) -> None:
    """The second trainer no longer sees the class."""
    for held in [one for one in training_class.assistants if one.person.code == person_code]:
        training_class.assistants.remove(held)
        db.session.delete(held)
        audit.record(by, "training_class.assistant_removed", training_class, person=person_code)


def _may_teach(trainer: Person, commune_code: str) -> None:
    if places.commune(commune_code) is None:
        raise Refusal(_("Hãy chọn xã, phường nơi mở lớp."), field="commune")
    if trainer.has_role(Role.ADMIN):
        return
    if not trainer.has_role(Role.TRAINER):
        raise Refusal(_("Chỉ cán bộ hướng dẫn mở lớp được."))
    if commune_code not in {post.commune_code for post in trainer.posts}:
        raise Refusal(
            _("Bạn chưa được giao xã, phường này. Hãy nhờ quản trị giao thêm, rồi mở lớp."), field="commune"
        )


def _write(made: TrainingClass, facts: ClassFacts) -> None:
    commune = places.commune(facts.commune_code)
    assert commune is not None
    if not 1 <= facts.seats <= MOST_SEATS:
        raise Refusal(_("Số chỗ từ 1 tới %(most)s.", most=MOST_SEATS), field="seats")
    if not timedelta() < facts.ends_at - facts.begins_at <= LONGEST_DAY:
        raise Refusal(_("Giờ tan lớp phải sau giờ bắt đầu, trong cùng một ngày."), field="ends")
    made.title, made.place = clean_text(facts.title).strip(), clean_text(facts.place).strip()
    if not made.title or not made.place:
        raise Refusal(_("Hãy ghi tên lớp và nơi học."), field="title" if not made.title else "place")
    made.province_code, made.commune_code = commune.province_code, commune.code
    made.lat, made.lon = facts.lat, facts.lon
    made.begins_at, made.ends_at, made.seats = facts.begins_at, facts.ends_at, facts.seats
    made.note = clean_text(facts.note).strip()


def _must_be_open(training_class: TrainingClass) -> None:
    if training_class.state is not ClassState.OPEN:
        raise Conflict(_("Lớp này đã khép hoặc đã hủy, không sửa được nữa."))


def _free_digits() -> str:
    """Six digits no class has: never an old one's, so that an old poster leads nowhere, not to strangers."""
    for _try in range(100):
        digits = new_digits()
        if db.session.scalar(select(TrainingClass.id).where(TrainingClass.join_code == digits)) is None:
            return digits
    raise Conflict(_("Chưa tạo được mã lớp. Hãy thử lại."))


def _tell_all(training_class: TrainingClass, template: str, reason: str = "") -> None:
    for learner in queries.learners_of(training_class):
        to = people.recipient_of(learner.person) if learner.person else Recipient(phone=learner.phone)
        notifications.send(
            to,
            template,
            "/learn" if learner.person else None,
            title=training_class.title,
            place=training_class.place,
            at=training_class.begins_at,
            reason=reason,
        )


# -- learners -----------------------------------------------------------------------------------------------------


def write_down(
    training_class: TrainingClass, name: str, phone: str, by: Actor, came_by: CameBy = CameBy.TYPED
) -> Learner:
    """A trainer writes somebody down from a paper list. They see it when they sign in with this number and say yes or
    no themselves; until then their steps are nobody's business. Written down twice it is one learner."""
    name = " ".join(clean_text(name).split())[:120]
    number = parse_phone(clean_text(phone))
    if not name:
        raise Refusal(_("Hãy ghi họ tên."), field="name")
    if number is None:
        raise Refusal(
            _("Số điện thoại chưa đúng. Số di động có 10 chữ số, ví dụ 0912 345 678."), field="phone"
        )
    _must_be_open(training_class)
    claim(TrainingClass, [training_class.id])
    holder = people.person_by_login(number)
    if holder is not None and holder.phone_verified_at is None:
        holder = None
    if holder is not None and queries.is_taught_by(training_class, holder):
        raise Refusal(THE_TRAINERS, field="phone")
    known = _learner_by_phone(training_class, number) or (
        _learner_by_person(training_class, holder) if holder is not None else None
    )
    if known is not None and known.state is LearnerState.LEFT:
        raise Conflict(
            _("%(name)s đã rời lớp. Muốn vào lại, họ tự gõ mã lớp trên điện thoại của mình.", name=known.name)
        )
    if known is not None:
        return known
    _must_have_room(training_class)
    learner = Learner(
        class_id=training_class.id,
        training_class=training_class,
        person_id=holder.id if holder is not None else None,
        name=name,
        phone=number,
        came_by=came_by,
    )
    db.session.add(learner)
    db.session.flush()
    audit.record(by, "learner.listed", learner, training_class=training_class.code)
    return learner


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of a list: its number in the sheet, and why it cannot be written down, if so."""

    number: int
    name: str
    phone: str
    why: Text | None = None


NAME_HEADS = ("họ tên", "họ và tên", "tên", "name", "full name")
PHONE_HEADS = ("điện thoại", "số điện thoại", "sđt", "phone", "tel")


def read_list(training_class: TrainingClass, sheet: Sheet) -> list[ListRow]:
    """A sheet as lines that can be written down and lines that cannot, with the reason; nothing is written."""
    heads = [head.casefold() for head in sheet.heads]
    at_name = next((i for i, head in enumerate(heads) if head in NAME_HEADS), None)
    at_phone = next((i for i, head in enumerate(heads) if head in PHONE_HEADS), None)
    if at_name is None or at_phone is None:
        raise Refusal(
            _("Không thấy cột họ tên hoặc cột điện thoại. Hãy đặt tên cột là “Họ tên” và “Điện thoại”.")
        )
    inside = dict(
        db.session.execute(
            select(Learner.phone, Learner.state).where(Learner.class_id == training_class.id)
        ).all()
    )
    trainers = {training_class.trainer.phone, *(one.person.phone for one in training_class.assistants)}
    room = training_class.seats - queries.taken_seats(training_class)
    found: list[ListRow] = []
    seen: dict[str, int] = {}
    for row in sheet.rows:
        name, typed = (row.cells[i] if i < len(row.cells) else "" for i in (at_name, at_phone))
        # A cell may hold two lines; the list that is written down has one for each person.
        name = " ".join(name.split())
        # A spreadsheet takes the leading nought away.
        number = parse_phone(typed) or parse_phone("0" + typed)
        why: Text | None = None
        if not name:
            why = _("thiếu họ tên")
        elif name.startswith(FORMULA_STARTS):
            why = _("họ tên là một công thức")
        elif number is None:
            why = _("số điện thoại chưa đúng")
        elif number in trainers:
            why = _("là cán bộ của lớp")
        elif number in inside:
            why = _("đã rời lớp") if inside[number] is LearnerState.LEFT else _("đã ở trong lớp")
        elif number in seen:
            why = _("trùng số với dòng %(line)s", line=seen[number])
        elif len(seen) >= room:
            why = _("lớp đã đủ chỗ")
        if why is None and number is not None:
            seen[number] = row.number
        found.append(ListRow(row.number, name, number if why is None and number else typed, why))
    return found


def write_down_all(training_class: TrainingClass, listed: str, by: Actor) -> int:
    """Write down a list of `name<tab>phone` lines; how many are new. The same list twice adds nobody."""
    before = queries.taken_seats(training_class)
    for line in listed.splitlines():
        name, _tab, phone = line.partition("\t")
        write_down(training_class, name, phone, by, CameBy.IMPORTED)
    db.session.flush()
    return queries.taken_seats(training_class) - before


def join(training_class: TrainingClass, person: Person, by: Actor) -> Learner:
    """A farmer joins with the class's six digits, and so says yes to being helped: the class's trainers see their
    steps."""
    if training_class.state is not ClassState.OPEN:
        raise Conflict(_("Lớp này không nhận thêm học viên. Hãy hỏi cán bộ lớp."))
    if queries.is_taught_by(training_class, person):
        raise Refusal(_("Bạn là cán bộ của lớp này, không cần vào lớp."))
    phone = person.phone or person.claimed_phone
    if phone is None:
        raise Refusal(_("Hãy thêm số điện thoại vào tài khoản trước, để cán bộ gọi được cho bạn."))
    claim(TrainingClass, [training_class.id])
    learner = _learner_by_person(training_class, person) or _learner_by_phone(training_class, phone)
    if learner is not None and learner.person_id not in (None, person.id):
        raise Conflict(_("Số điện thoại này đã ở trong lớp dưới tên người khác. Hãy nhờ cán bộ lớp xem lại."))
    if learner is None or learner.state is LearnerState.LEFT:
        _must_have_room(training_class)
    if learner is None:
        learner = Learner(
            class_id=training_class.id, training_class=training_class, name=person.name, phone=phone,
            came_by=CameBy.CODE )  # fmt: skip
        db.session.add(learner)
        db.session.flush()
    learner.person_id, learner.person = person.id, person
    if learner.state is not LearnerState.JOINED:
        states.move(learner, LearnerState.JOINED, by)
    return learner


def leave(learner: Learner, by: Actor) -> None:
    """A farmer leaves the class, or says "this is not me": nobody of it sees their steps from now on."""
    if learner.state is not LearnerState.LEFT:
        states.move(learner, LearnerState.LEFT, by)


def attend(learner: Learner, by: Actor, at: datetime | None = None) -> None:
    """The learner is here. Noted twice (two telephones, a list sent again after the line came back) it is noted once;
    `at` is when it was tapped without a line, not before the class and not in the future. Of two taps that say
    different things the later tap counts, whichever telephone finds its line first."""
    if learner.state is LearnerState.LEFT:
        raise Conflict(_("%(name)s đã rời lớp.", name=learner.name))
    if learner.attended_at is not None:
        return
    now = clock.now()
    began = learner.training_class.begins_at - HERE_BEFORE
    if now < began:
        raise Refusal(_("Chưa tới giờ học: điểm danh mở trước giờ vào lớp hai tiếng."))
    if at is not None and (missed := _missed_at(learner)) is not None and at < missed:
        return
    learner.attended_at = min(now, max(at or now, began))
    audit.record(by, "learner.attended", learner)


def miss(learner: Learner, by: Actor, at: datetime | None = None) -> None:
    """Noted by mistake: the learner was not here. `at` is when that was tapped without a line: whoever was noted as
    here later than that stays noted."""
    if learner.attended_at is None or (at is not None and at < learner.attended_at):
        return
    learner.attended_at = None
    audit.record(by, "learner.missed", learner, tapped_at=min(at or clock.now(), clock.now()).isoformat())


def _missed_at(learner: Learner) -> datetime | None:
    """When somebody last tapped that the learner was not here after all."""
    tapped = [
        entry.details["tapped_at"]
        for entry in audit.trail(learner)
        if entry.verb == "learner.missed" and "tapped_at" in entry.details
    ]
    return max(map(datetime.fromisoformat, tapped), default=None)


def is_class_time(training_class: TrainingClass) -> bool:
    """May a learner note themselves as here? From two hours before until four hours after."""
    now = clock.now()
    return training_class.begins_at - HERE_BEFORE <= now <= training_class.ends_at + HERE_AFTER


def take_attendance(training_class: TrainingClass, present: Iterable[str], by: Actor) -> int:
    """The whole list at once, by learners' codes: who is not named was not here. How many are here."""
    codes, count = set(present), 0
    for learner in queries.learners_of(training_class):
        if learner.code in codes:
            attend(learner, by)
            count += 1
        else:
            miss(learner, by)
    return count


def when_signed_in(event: SignedIn) -> None:
    """Whoever proved a number finds the classes they were written down for under it (a reaction of now)."""
    person = db.session.get_one(Person, event.person_id)
    if person.phone is None or person.phone_verified_at is None:
        return
    taken = select(Learner.class_id).where(Learner.person_id == person.id)
    db.session.execute(
        update(Learner)
        .where(Learner.phone == person.phone, Learner.person_id.is_(None), Learner.class_id.not_in(taken))
        .values(person_id=person.id, version=Learner.version + 1)
        .execution_options(synchronize_session=False)
    )


def _learner_by_phone(training_class: TrainingClass, phone: str) -> Learner | None:
    return db.session.scalar(
        select(Learner).where(Learner.class_id == training_class.id, Learner.phone == phone)
    )


def _learner_by_person(training_class: TrainingClass, person: Person) -> Learner | None:
    return db.session.scalar(
        select(Learner).where(Learner.class_id == training_class.id, Learner.person_id == person.id)
    )


def _must_have_room(training_class: TrainingClass) -> None:
    if queries.taken_seats(training_class) >= training_class.seats:
        raise Conflict(
            _(
                "Lớp đã đủ %(seats)s chỗ. Cán bộ lớp có thể tăng số chỗ ở trang Sửa lớp.",
                seats=training_class.seats,
            )
        )


# -- a word of encouragement --------------------------------------------------------------------------------------


def nudge(found: Progress, sender: Person, by: Actor) -> Nudge:
    """Tell a learner the next thing to do, by notice and SMS. Not to those who have not said yes, not when the next
    move is somebody else's, and not twice for one step within three days, whichever of their classes it comes from."""
    learner = found.learner
    if not found.is_seen or learner.person is None:
        raise Refusal(_("%(name)s chưa xác nhận vào lớp nên chợ chưa nhắn được.", name=learner.name))
    if found.next is None:
        raise Refusal(_("%(name)s đã đi hết các bước.", name=learner.name))
    if found.next.is_ours:
        raise Refusal(_("%(name)s đang chờ bưu điện, không cần nhắc.", name=learner.name))
    claim(Person, [learner.person.id])
    last = db.session.scalar(
        select(Nudge.created_at)
        .join(Learner, Learner.id == Nudge.learner_id)
        .where(Learner.person_id == learner.person.id, Nudge.step == found.next.key)
        .order_by(Nudge.id.desc())
        .limit(1)
    )
    if last is not None and last > clock.now() - NUDGE_AGAIN:
        raise Refusal(
            _("Đã nhắc %(name)s việc này rồi. Ba ngày sau hãy nhắc lại, hoặc gọi điện.", name=learner.name)
        )
    made = Nudge(learner_id=learner.id, step=found.next.key, sent_by_id=sender.id)
    db.session.add(made)
    audit.record(by, "learner.nudged", learner, step=found.next.key)
    with in_language(learner.person.language):
        deed = str(found.next.deed)
    notifications.send(
        people.recipient_of(learner.person),
        "training/nudge",
        found.next.path or "/learn",
        trainer=sender.name,
        deed=deed,
    )
    return made


# -- practice -----------------------------------------------------------------------------------------------------


def report_practice(word: Report, person: Person, by: Actor) -> int:
    """The practice market's word of what this person did there; how many of its steps and
    lessons are new. Somebody else's word is not
    believed."""
    if word.person != person.code:
        raise Missing()
    known = {one.step for one in queries.practised_by(person)}
    told = [step for step in word.deeds if step in BY_KEY or step in lessons.PRACTISED]
    new = [step for step in told if step not in known]
    for step in new:
        db.session.add(PracticeReport(person_id=person.id, step=step))
    return len(new)


# -- personal data ------------------------------------------------------------------------------------------------


def gather(person_id: int) -> dict[str, object]:
    """What this room knows of a person."""
    rows = db.session.scalars(select(Learner).where(Learner.person_id == person_id).order_by(Learner.id))
    return {
        "classes": [
            {
                "class": one.training_class.title,
                "on": clock.local(one.training_class.begins_at).date().isoformat(),
                "state": one.state.value,
                "attended_at": one.attended_at and one.attended_at.isoformat(),
            }
            for one in rows
        ],
        "practised": [one.step for one in queries.practised_by(db.session.get_one(Person, person_id))],
        "done_for_me": [
            {
                "helper": work.helper.name,
                "what": work.KIND,
                "title": work.title,
                "state": work.state.value,
                "at": work.created_at.isoformat(),
            }
            for work in queries.done_for(person_id)
        ],
        "signed_papers": [one.code for one in _signed(person_id)],
    }


def forget(person_id: int) -> None:
    """Name and number leave the class lists, the papers signed are destroyed and the slips void; that somebody was
    there stays, for the figures."""
    for one in db.session.scalars(select(Learner).where(Learner.person_id == person_id)):
        one.name, one.phone, one.person_id = "—", f"#{one.code}", None
        one.state = LearnerState.LEFT
    db.session.execute(delete(PracticeReport).where(PracticeReport.person_id == person_id))
    db.session.execute(
        update(CodeSlip)
        .where(CodeSlip.person_id == person_id, CodeSlip.voided_at.is_(None))
        .values(voided_at=clock.now(), version=CodeSlip.version + 1)
    )
    for kept in _signed(person_id):
        paper = kept.paper
        db.session.delete(kept)
        # The row that names the file goes before the file's.
        db.session.flush()
        files.drop_paper(paper)


def _signed(person_id: int) -> Sequence[ConsentPaper]:
    """The consents this person signed on paper, whether they still hold or not."""
    return db.session.scalars(
        select(ConsentPaper).join(Consent).where(Consent.person_id == person_id).order_by(ConsentPaper.id)
    ).all()
