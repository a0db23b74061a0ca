"""Counters of the post and who works there as a sheet: written out, read back, compared with what there is, and taken
over. A counter is known by its commune and its name, so the same sheet twice changes nothing."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from marketplace.accounts import queries as people
from marketplace.accounts import service as accounts
from marketplace.accounts.models import Invitation, PostHeld, Role
from marketplace.admin.queries import written_hours
from marketplace.foundation import clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.phones import parse_phone
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.sheets import Sheet
from marketplace.foundation.vpostcode import read_vpostcode
from marketplace.foundation.words import Text, _
from marketplace.places import queries as places
from marketplace.places import service
from marketplace.places.models import ServicePoint, ServicePointState
from marketplace.places.names import folded_key
from marketplace.places.queries import Commune, Position

MOST_ROWS = 2_000
HEADS = (
    "Tên điểm",
    "Mã xã",
    "Xã, tỉnh",
    "Địa chỉ",
    "Điện thoại",
    "Vị trí",
    "Giờ mở cửa",
    "Nhân viên",
    "Vpostcode",
)
NAME, COMMUNE, PLACE, STREET, PHONE, POSITION, HOURS, STAFF, VPOSTCODE = HEADS
"""As they stand in the first line; "Nhân viên" is `Họ tên 0912345678; Họ tên 0912345679`."""


class Change(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    WRONG = "wrong"


CHANGE_WORDS = {
    Change.NEW: (_("Điểm mới"), "good"),
    Change.CHANGED: (_("Có thay đổi"), "warm"),
    Change.SAME: (_("Không đổi"), "calm"),
    Change.WRONG: (_("Chưa nhận được"), "bad"),
}


@dataclass(frozen=True)
class Moved:
    """Somebody the sheet names here and no longer at the counter where they work."""

    name: str
    phone: str
    post: PostHeld


@dataclass(frozen=True)
class Line:
    """One counter as the sheet says it."""

    number: int
    name: str
    commune: Commune | None = None
    street: str = ""
    phone: str | None = None
    position: Position | None = None
    hours: str = ""
    vpostcode: str = ""
    staff: tuple[tuple[str, str], ...] = ()
    point: ServicePoint | None = None
    new_staff: tuple[tuple[str, str], ...] = ()
    moved: tuple["Moved", ...] = ()
    change: Change = Change.WRONG
    why: Text | str = ""

    @property
    def words(self) -> Text:
        return CHANGE_WORDS[self.change][0]

    @property
    def tone(self) -> str:
        return CHANGE_WORDS[self.change][1]


# -- out ----------------------------------------------------------------------------------------------------------


def rows() -> list[list[str]]:
    """Every counter at work, as it is read back."""
    asked = (
        select(ServicePoint)
        .where(ServicePoint.state == ServicePointState.OPEN)
        .order_by(ServicePoint.province_code, ServicePoint.commune_key, ServicePoint.id)
    )
    staff = _staff()
    return [
        [
            point.name,
            point.commune_code,
            places.commune_words(point.commune_code),
            point.street,
            _national(point.phone),
            f"{point.lat:.6f}, {point.lon:.6f}",
            written_hours(point),
            "; ".join(f"{name} {_national(phone)}" for name, phone in staff.get(point.id, ())),
            point.vpostcode or "",
        ]
        for point in db.session.scalars(asked)
    ]


def _national(phone: str | None) -> str:
    return f"0{phone[3:]}" if phone and phone.startswith("+84") else phone or ""


def _staff() -> dict[int, list[tuple[str, str]]]:
    """Who works at each counter, or is invited to: (name, phone)."""
    found: dict[int, list[tuple[str, str]]] = {}
    for post in db.session.scalars(
        select(PostHeld).where(PostHeld.service_point_id.is_not(None)).options(selectinload(PostHeld.person))
    ):
        if post.person.phone and post.service_point_id is not None:
            found.setdefault(post.service_point_id, []).append((post.person.name, post.person.phone))
    invited = select(Invitation).where(
        Invitation.service_point_id.is_not(None),
        Invitation.accepted_at.is_(None),
        Invitation.withdrawn_at.is_(None),
        Invitation.expires_at > clock.now(),
    )
    for one in db.session.scalars(invited):
        if one.service_point_id is not None:
            found.setdefault(one.service_point_id, []).append((one.name, one.phone))
    return found


# -- in -----------------------------------------------------------------------------------------------------------


def cells_of(sheet: Sheet) -> list[list[str]]:
    """The lines in our columns, whatever their order in the sheet; the first cell is the line's number. Raises Refusal
    when a column that is needed is not there."""
    where = {head.strip().casefold(): place for place, head in enumerate(sheet.heads)}
    missing = [head for head in (HEADS[0], HEADS[3]) if head.casefold() not in where]
    if HEADS[1].casefold() not in where and HEADS[2].casefold() not in where:
        missing.append(HEADS[1])
    if missing:
        raise Refusal(
            _("Tệp thiếu cột: %(heads)s. Hãy tải tệp mẫu rồi điền.", heads=", ".join(missing)), "file"
        )
    columns = [where.get(head.casefold()) for head in HEADS]
    return [
        [
            str(row.number),
            *(row.cells[at] if at is not None and at < len(row.cells) else "" for at in columns),
        ]
        for row in sheet.rows
    ]


def compared(table: Sequence[Sequence[str]]) -> list[Line]:
    """Each line beside the counter it speaks of; what cannot be read says why."""
    staff = _staff()
    seen: set[tuple[str, str]] = set()
    named: dict[str, tuple[str, int]] = {}
    lines: list[Line] = []
    known = {(point.commune_code, point.name): point for point in db.session.scalars(select(ServicePoint))}
    for number, *cells in table:
        try:
            line = _read(int(number), cells)
            key = (line.commune.code if line.commune else "", line.name)
            if key in seen:
                raise _wrong(NAME, _("trùng điểm ở một dòng trên"))
            _one_name_each(line, named)
            seen.add(key)
            lines.append(_beside(line, known.get(key), staff))
        except Refusal as refusal:
            lines.append(Line(int(number), cells[0][:120], why=refusal.sentence))
    return _with_moves(lines)


def _one_name_each(line: Line, named: dict[str, tuple[str, int]]) -> None:
    """A phone is one person's: under two names, or twice in one row, it is a slip. At two counters it may be."""
    phones = [phone for _name, phone in line.staff]
    for name, phone in line.staff:
        if phones.count(phone) > 1:
            raise _wrong(STAFF, _("số %(phone)s đứng hai lần", phone=_national(phone)))
        other, row = named.get(phone, (name, line.number))
        if folded_key(other) != folded_key(name):
            taken = _(
                "số %(phone)s đã ghi cho “%(name)s” ở dòng %(row)s",
                phone=_national(phone),
                name=other,
                row=row,
            )
            raise _wrong(STAFF, taken)
    for name, phone in line.staff:
        named.setdefault(phone, (name, line.number))


def _with_moves(lines: Sequence[Line]) -> list[Line]:
    """Who is named at another counter, and no more at the one where they work though its staff stands in the sheet,
    moves there. A counter whose staff is left empty keeps everybody."""
    left = {
        (line.point.id, phone)
        for line in lines
        if line.point is not None and line.staff
        for phone in _posts_at(line.point.id)
        if phone not in {said for _name, said in line.staff}
    }
    return [
        replace(
            line,
            moved=tuple(
                Moved(name, phone, post)
                for name, phone in line.new_staff
                for post in _posts_of(phone)
                if post.service_point_id is not None and (post.service_point_id, phone) in left
            ),
        )
        for line in lines
    ]


def _posts_at(point_id: int) -> Sequence[str]:
    held = select(PostHeld).where(PostHeld.service_point_id == point_id).order_by(PostHeld.id)
    return [post.person.phone for post in db.session.scalars(held) if post.person.phone]


def _posts_of(phone: str) -> Sequence[PostHeld]:
    person = people.person_by_login(phone)
    return people.posts_of(person) if person is not None else ()


def not_in(lines: Sequence[Line]) -> Sequence[ServicePoint]:
    """Counters at work, in the provinces the sheet speaks of, that it leaves out: they stay as they are."""
    provinces = {line.commune.province_code for line in lines if line.commune is not None}
    named = {line.point.id for line in lines if line.point is not None}
    asked = (
        select(ServicePoint)
        .where(ServicePoint.state == ServicePointState.OPEN, ServicePoint.province_code.in_(provinces))
        .order_by(ServicePoint.province_code, ServicePoint.commune_key, ServicePoint.id)
    )
    wrong = {line.name for line in lines if line.change is Change.WRONG}
    return [one for one in db.session.scalars(asked) if one.id not in named and one.name not in wrong]


def _read(number: int, cells: Sequence[str]) -> Line:
    name, code, words, street, phone, position, hours, staff, vpostcode = (cell.strip() for cell in cells)
    if not name:
        raise _wrong(NAME, _("Hãy ghi tên của điểm phục vụ."))
    if not street:
        raise _wrong(STREET, _("Hãy ghi địa chỉ của điểm phục vụ."))
    commune = places.commune(code.zfill(5)) if code else places.commune_meant(words)
    if commune is None:
        raise _wrong(
            COMMUNE if code else PLACE, _("Không có xã, phường này. Hãy ghi mã xã 5 số, hoặc xã kèm tỉnh.")
        )
    found = parse_phone(phone) if phone else None
    if phone and found is None:
        raise _wrong(PHONE, _("Số điện thoại của điểm chưa đúng."))
    where = places.read_position(position, commune) if position else None
    if position and where is None:
        raise _wrong(POSITION, _("Vị trí chưa đọc được. Hãy ghi như 21.5305, 105.7636, hoặc mã chỉ đường."))
    if where is not None and places.distance_km(where, commune) > service.FARTHEST_FROM_COMMUNE_KM:
        raise _wrong(POSITION, _("vị trí cách %(commune)s quá xa", commune=commune.name))
    with _of(HOURS):
        service.read_hours(hours)
    with _of(VPOSTCODE):
        vpostcode = read_vpostcode(vpostcode)
    return Line(
        number,
        name[:120],
        commune,
        street[:200],
        found,
        where,
        hours,
        vpostcode,
        tuple(_people(staff)),
        change=Change.NEW,
    )


def _wrong(column: str, why: Text) -> Refusal:
    """What is wrong with a line, by its column."""
    return Refusal(_("Cột “%(column)s”: %(why)s", column=column, why=why))


@contextmanager
def _of(column: str) -> Iterator[None]:
    """What is refused within is wrong with this column."""
    try:
        yield
    except Refusal as refusal:
        raise Refusal(_("Cột “%(column)s”: %(why)s", column=column, why=refusal.sentence)) from None


_NAME_AND_PHONE = re.compile(r"(?P<name>.*?[^\W\d_][^\d+]*?)[\s:,(-]+(?P<phone>\+?\d[\d\s.()-]{7,18})")
"""`Lê Thị Hoa 0912 345 678`, `Lê Thị Hoa: +84 912.345.678`."""


def _people(typed: str) -> Iterable[tuple[str, str]]:
    for part in filter(None, map(str.strip, typed.split(";"))):
        said = _NAME_AND_PHONE.fullmatch(part)
        phone = parse_phone(said["phone"]) if said else None
        if said is None or phone is None:
            raise _wrong(
                STAFF,
                _("Nhân viên “%(typed)s” chưa đúng. Hãy ghi như: Lê Thị Hoa 0912345678.", typed=part[:60]),
            )
        yield said["name"].strip(), phone


def _beside(line: Line, point: ServicePoint | None, staff: dict[int, list[tuple[str, str]]]) -> Line:
    there = {phone for _name, phone in staff.get(point.id, ())} if point is not None else set()
    new_staff = tuple(one for one in line.staff if one[1] not in there)
    change = Change.NEW
    if point is not None:
        change = Change.CHANGED if new_staff or _differs(line, point) else Change.SAME
    return replace(line, point=point, new_staff=new_staff, change=change)


def _differs(line: Line, point: ServicePoint) -> bool:
    """What a sheet leaves empty stays as it is."""
    moved = line.position is not None and places.distance_km(line.position, point) > 0.005
    return (
        point.state is not ServicePointState.OPEN
        or line.street != point.street
        or (line.phone is not None and line.phone != point.phone)
        or moved
        or bool(line.vpostcode and line.vpostcode != point.vpostcode)
        or bool(line.hours and service.read_hours(line.hours) != service.read_hours(written_hours(point)))
    )


def take_over(lines: Sequence[Line], by: Actor) -> tuple[int, int]:
    """Open, change and staff what the sheet says; lines that could not be read are left out. Returns how many counters
    changed and how many people were asked to work there."""
    count = asked = 0
    for line in lines:
        if line.change not in (Change.NEW, Change.CHANGED):
            continue
        point = _put(line, by)
        count += 1
        for name, phone in line.new_staff:
            _employ(name, phone, point, by)
            asked += 1
        for one in line.moved:
            accounts.leave_post(one.post, by)
    return count, asked


def _put(line: Line, by: Actor) -> ServicePoint:
    assert line.commune is not None
    if line.point is None:
        made = service.open_point(
            name=line.name,
            commune_code=line.commune.code,
            street=line.street,
            phone=line.phone,
            position=line.position,
            vpostcode=line.vpostcode,
            hours=service.read_hours(line.hours) if line.hours else service.STANDARD_HOURS,
            by=by,
        )
        db.session.flush()
        return made
    if line.point.state is not ServicePointState.OPEN:
        service.reopen_point(line.point, by)
    if _differs(line, line.point):
        service.correct_point(
            line.point,
            street=line.street,
            phone=line.phone,
            position=line.position,
            vpostcode=line.vpostcode,
            by=by,
        )
        if line.hours:
            service.change_hours(line.point, service.read_hours(line.hours), by)
    return line.point


def _employ(name: str, phone: str, point: ServicePoint, by: Actor) -> None:
    """A clerk who is known works there from now on; anybody else is asked by a message."""
    known = people.person_by_login(phone)
    if known is not None and known.has_role(Role.CLERK):
        accounts.hold_post(known, by, service_point_id=point.id)
    else:
        accounts.invite(name, phone, Role.CLERK, by, service_point_id=point.id)
