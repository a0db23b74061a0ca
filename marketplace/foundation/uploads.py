"""Uploads in pieces, for lines that break: a photo comes bit by bit, each bit once, and goes on where it stopped.

begin → piece, piece, piece (each names where it starts; a wrong place is answered with the right one) → photo.
Whoever did not begin an upload never finds it. What is not finished in a day is cleared away by the schedule.
"""

from datetime import datetime, timedelta

from sqlalchemy import JSON, BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from marketplace.foundation import clock
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import Line, Moment, Record, claim, db, transaction
from marketplace.foundation.files import StoredPhoto, keep_photo, storage
from marketplace.foundation.photos import MAX_UPLOAD_BYTES, TOO_HEAVY, ReadyPhoto
from marketplace.foundation.refusal import Conflict, Missing, Refusal
from marketplace.foundation.words import _

MOST_PIECE_BYTES = 1024 * 1024
MOST_OPEN = 40
KEPT_FOR = timedelta(days=1)


class Upload(Record):
    """A photo on its way: how large it is, how much has come, and the photo once it is there. `about` says what it is
    for, in the words of whoever asked."""

    __tablename__ = "upload"
    CODE_PREFIX = "UP"
    CODE_LENGTH = 16

    person_id: Mapped[int] = mapped_column(BigInteger, index=True)
    about: Mapped[str] = mapped_column(String(60), default="")
    once: Mapped[str | None] = mapped_column(String(80), unique=True)
    filename: Mapped[str] = mapped_column(Line(120))
    size_bytes: Mapped[int]
    pieces: Mapped[list[int]] = mapped_column(JSON, default=list)
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("stored_photo.id"))
    expires_at: Mapped[datetime] = mapped_column(Moment, index=True)
    photo: Mapped[StoredPhoto | None] = relationship()

    @property
    def received_bytes(self) -> int:
        return sum(self.pieces)

    @property
    def is_whole(self) -> bool:
        return self.received_bytes == self.size_bytes


class WrongPlace(Conflict):
    """The piece does not start where the last one ended; `offset` is where it has to."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(_("Phần này gửi sai chỗ. Hãy gửi tiếp từ chỗ đang dở."))


def begin(person_id: int, size_bytes: int, filename: str, about: str = "", once: str | None = None) -> Upload:
    """A photo of so many bytes will come. The same `once` again finds the upload it began, to go on with."""
    once = f"{person_id}-{once}"[:80] if once else None
    if once and (known := db.session.scalar(select(Upload).where(Upload.once == once))) is not None:
        if known.size_bytes == size_bytes:
            return known
        raise Conflict(_("Tấm hình này đã đổi. Hãy chọn lại hình."))
    if not 1 <= size_bytes <= MAX_UPLOAD_BYTES:
        raise Refusal(TOO_HEAVY if size_bytes > 0 else _("Tệp này trống. Hãy chọn tệp khác."))
    waiting = db.session.scalars(
        select(Upload.id).where(Upload.person_id == person_id, Upload.photo_id.is_(None)).limit(MOST_OPEN)
    ).all()
    if len(waiting) >= MOST_OPEN:
        raise Refusal(_("Còn nhiều hình đang gửi dở. Hãy đợi các hình đó gửi xong."))
    upload = Upload(
        person_id=person_id, about=about[:60], once=once, filename=filename[-120:] or "photo",
        size_bytes=size_bytes, pieces=[], expires_at=clock.now() + KEPT_FOR,
    )  # fmt: skip
    db.session.add(upload)
    db.session.flush()
    return upload


def upload_of(person_id: int, code: str) -> Upload:
    """The upload this person began; anybody else's, or one that was cleared away, is Missing."""
    found = db.session.scalar(select(Upload).where(Upload.code == code, Upload.person_id == person_id))
    if found is None or found.expires_at <= clock.now():
        raise Missing(_("Lần gửi hình này không còn nữa. Hãy chọn lại hình."))
    return found


def add_piece(upload: Upload, offset: int, data: bytes) -> None:
    """The next bit. A bit that came already (its answer was lost on the way) changes nothing; one for another place is
    WrongPlace with the right one."""
    (upload,) = claim(Upload, [upload.id])
    if not data or len(data) > MOST_PIECE_BYTES:
        raise Refusal(_("Mỗi phần gửi từ 1 byte đến 1 MB."))
    if offset != upload.received_bytes:
        raise WrongPlace(upload.received_bytes)
    if offset + len(data) > upload.size_bytes:
        raise Refusal(_("Gửi quá số byte đã báo. Hãy chọn lại hình."))
    storage().put(_key(upload.code, len(upload.pieces)), data, "application/octet-stream")
    upload.pieces = [*upload.pieces, len(data)]
    upload.expires_at = clock.now() + KEPT_FOR


def data_of(upload: Upload) -> bytes:
    """All that has come, in order."""
    return b"".join(storage().get(_key(upload.code, number)) for number in range(len(upload.pieces)))


def finish(upload: Upload, ready: ReadyPhoto, by: Actor, purpose: str) -> StoredPhoto:
    """It is whole and it is a photo: keep it. Finishing twice keeps one."""
    (upload,) = claim(Upload, [upload.id])
    if upload.photo is None:
        upload.photo = keep_photo(ready, "", by, purpose)
    return upload.photo


def drop(upload: Upload) -> None:
    """Forget an upload (what came is no photo, or nobody wants it)."""
    storage().delete_folder(f"uploads/{upload.code.lower()}")
    db.session.delete(upload)


def clear_old() -> None:
    """Job: forget what was not finished in a day, and the pieces of what was."""
    with transaction():
        late = db.session.scalars(
            select(Upload).where(Upload.expires_at <= clock.now()).order_by(Upload.id).limit(500)
        ).all()
        for upload in late:
            drop(upload)


def _key(code: str, number: int) -> str:
    return f"uploads/{code.lower()}/{number:06d}"
