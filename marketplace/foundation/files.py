"""Uploads: photos everybody may see, and private papers kept encrypted.

    read_photo(file, name)           slow, without the database: before the transaction (PhotosField does it)
    keep_photo(ready, name, by)      inside the deed; the page has a picture to show at once
    job "files.make_sizes"           the other sizes and formats
    photo_url(photo, width, format)  the address of the size that fits; what it shows never changes

What a deed stored is taken away again when the deed is rolled back.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import current_app, has_request_context, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import BigInteger, String, event, select
from sqlalchemy.orm import Mapped, Session, SessionTransaction, mapped_column

from marketplace.foundation import audit, clock, market, photos
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import Line, Moment, Record, db, transaction
from marketplace.foundation.jobs import enqueue
from marketplace.foundation.photos import FIRST_WIDTH, FORMATS, ReadyPhoto, read_photo
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.sealing import cipher
from marketplace.foundation.storage import Storage, open_storage
from marketplace.foundation.words import _

PAPER_LINK_SECONDS = 5 * 60
NOT_A_PAPER = _("Giấy tờ cần là tệp PDF hoặc ảnh JPEG, PNG, WebP, HEIC. Hãy chọn tệp khác.")
BROKEN_PDF = _("Tệp PDF bị hỏng hoặc chưa tải lên hết. Hãy thử gửi lại.")
LINK_TOO_OLD = _("Đường dẫn xem giấy tờ đã hết hạn. Hãy mở lại từ trang hồ sơ.")


class Sizes:
    """The sizes there are of a picture: which widths and formats can be asked for."""

    if TYPE_CHECKING:  # (columns there, plain facts here)
        width: Any
        is_ready: Any

    @property
    def widths(self) -> list[int]:
        """The widths there are now, smallest first."""
        return photos.widths_of(self.width) if self.is_ready else [photos.width_for(FIRST_WIDTH, self.width)]

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats there are now, best first: `avif`, `webp`, `jpg`."""
        return tuple(FORMATS) if self.is_ready else ("jpg",)


@dataclass(frozen=True)
class ShownPhoto(Sizes):
    """As much of a kept photo as showing it takes."""

    key: str
    width: int
    is_ready: bool

    @classmethod
    def of(cls, key: str | None, width: int | None, sizes_made_at: datetime | None) -> "ShownPhoto | None":
        """From the columns of a row; none where the row has no photo."""
        return None if key is None or width is None else cls(key, width, sizes_made_at is not None)


class StoredPhoto(Sizes, Record):
    """A picture of ours: re-encoded, upright, without any hidden data. The upload itself is not kept."""

    __tablename__ = "stored_photo"
    CODE_PREFIX = "PH"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    width: Mapped[int]
    height: Mapped[int]
    colour: Mapped[str] = mapped_column(String(7))
    original_type: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(30), default="")
    uploaded_by: Mapped[int | None] = mapped_column(BigInteger, index=True)
    sizes_made_at: Mapped[datetime | None] = mapped_column(Moment)

    @property
    def is_ready(self) -> bool:
        """Are all sizes and formats there? Until then there is one JPEG."""
        return self.sizes_made_at is not None

    @property
    def aspect(self) -> float:
        return self.width / self.height


class StoredPaper(Record):
    """A private paper (identity, land right, certificate), encrypted where it lies."""

    __tablename__ = "stored_paper"
    CODE_PREFIX = "GT"

    key: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    filename: Mapped[str] = mapped_column(Line(120))
    content_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int]
    purpose: Mapped[str] = mapped_column(String(30), default="")
    uploaded_by: Mapped[int | None] = mapped_column(BigInteger, index=True)


# -- photos -------------------------------------------------------------------------------------------------------


def keep_photo(source: BinaryIO | ReadyPhoto, filename: str, by: Actor, purpose: str = "") -> StoredPhoto:
    """Keep a photo, and ask for its sizes. The same file sent twice by the same person is one photo.

    Raises Refusal with the sentence to show; then nothing is stored.
    """
    ready = source if isinstance(source, ReadyPhoto) else read_photo(source, filename)
    known = db.session.scalar(
        select(StoredPhoto).where(
            StoredPhoto.sha256 == ready.sha256,
            StoredPhoto.uploaded_by == by.person_id,
            StoredPhoto.purpose == purpose,
        )
    )
    if known is not None:
        return known
    key = f"{secrets.token_hex(1)}/{hashlib.sha256(ready.master).hexdigest()[:24]}{secrets.token_hex(4)}"
    photo = StoredPhoto(
        key=key,
        sha256=ready.sha256,
        width=ready.width,
        height=ready.height,
        colour=ready.colour,
        original_type=ready.original_type,
        purpose=purpose,
        uploaded_by=by.person_id,
    )
    _store(master_key(key), ready.master, "image/jpeg")
    _store(size_key(key, photo.widths[0], "jpg"), ready.first, "image/jpeg")
    db.session.add(photo)
    db.session.flush()
    enqueue("files.make_sizes", photo.id)
    return photo


def make_sizes(photo_id: int) -> None:
    """Job: make every size and format of a photo. Safe to run twice; a photo taken away meanwhile is left alone."""
    photo = db.session.get(StoredPhoto, photo_id)
    if photo is None or photo.is_ready:
        return
    key = photo.key
    db.session.rollback()  # no open read while pictures are being made
    for width, fmt, data in photos.make_sizes(storage().get(master_key(key))):
        storage().put(size_key(key, width, fmt), data, FORMATS[fmt])
    with transaction():
        photo = db.session.get(StoredPhoto, photo_id)
        if photo is not None:
            photo.sizes_made_at = clock.now()


def photo_url(photo: StoredPhoto | ShownPhoto, width: int, fmt: str = "jpg") -> str:
    """The address of the smallest size that fills `width` pixels; while sizes are being made, of the one there is."""
    fmt = fmt if fmt in photo.formats else "jpg"
    fitting = next((w for w in photo.widths if w >= width), photo.widths[-1])
    return _address(photo, fitting, fmt)


def photo_srcset(photo: StoredPhoto | ShownPhoto, fmt: str) -> str:
    """All widths of one format, as the `srcset` of a picture."""
    return ", ".join(f"{_address(photo, width, fmt)} {width}w" for width in photo.widths)


def drop_photo(photo: StoredPhoto) -> None:
    """Take a photo away: its row with the deed, its files by a job after it."""
    enqueue("files.remove_photo", photo.key)
    db.session.delete(photo)


def remove_photo(key: str) -> None:
    """Job: delete all files of a photo whose row is gone."""
    if db.session.scalar(select(StoredPhoto.id).where(StoredPhoto.key == key)) is None:
        storage().delete_folder(f"photos/{key}")
        storage().delete(master_key(key))


def master_key(key: str) -> str:
    return f"masters/{key}.jpg"


def size_key(key: str, width: int, fmt: str) -> str:
    return f"photos/{key}/{width}.{fmt}"


def _address(photo: StoredPhoto | ShownPhoto, width: int, fmt: str) -> str:
    name = size_key(photo.key, width, fmt).removeprefix("photos/")
    if has_request_context():
        return url_for("media.photo", name=name)
    return f"/media/{name}"


# -- private papers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ReadyPaper:
    """A paper that was read and judged, waiting to be kept."""

    data: bytes
    sha256: str
    filename: str
    content_type: str


def read_paper(stream: BinaryIO, filename: str) -> ReadyPaper:
    """Read a private paper: a PDF as it is, a picture re-encoded without its hidden data. Raises Refusal."""
    data = photos.read_upload(stream)
    sha256 = hashlib.sha256(data).hexdigest()
    if b"%PDF-" in data[:1024]:
        if b"%%EOF" not in data[-2048:]:
            raise Refusal(BROKEN_PDF)
        return ReadyPaper(data, sha256, tidy_name(filename, ".pdf"), "application/pdf")
    kind = photos.kind_of(data)
    if kind is None:
        raise Refusal(NOT_A_PAPER)
    picture = photos.encode(photos.clean_picture(data, kind), "jpg", quality=88)
    return ReadyPaper(picture, sha256, tidy_name(filename, ".jpg"), "image/jpeg")


def keep_paper(source: BinaryIO | ReadyPaper, filename: str, by: Actor, purpose: str = "") -> StoredPaper:
    """Keep a private paper, encrypted with PAPERS_KEY. Raises Refusal; then nothing is stored."""
    ready = source if isinstance(source, ReadyPaper) else read_paper(source, filename)
    paper = StoredPaper(
        key=f"papers/{secrets.token_hex(1)}/{secrets.token_hex(16)}",
        sha256=ready.sha256,
        filename=ready.filename,
        content_type=ready.content_type,
        size_bytes=len(ready.data),
        purpose=purpose,
        uploaded_by=by.person_id,
    )
    _store(paper.key, cipher().encrypt(ready.data), "application/octet-stream")
    db.session.add(paper)
    db.session.flush()
    return paper


def open_paper(paper: StoredPaper, by: Actor, of: Record, verb: str, **details: object) -> bytes:
    """The paper as it was kept, for somebody who may see it: whoever calls has asked. The look is written into
    the trail of the record the paper belongs to. There is no other way to read one, so nobody does without a trace."""
    audit.record(by, verb, of, **details, paper=paper.code)
    return cipher().decrypt(storage().get(paper.key))


def drop_paper(paper: StoredPaper) -> None:
    """Take a paper away: its row with the deed, its bytes by a job after it."""
    enqueue("files.remove_paper", paper.key)
    db.session.delete(paper)


def remove_paper(key: str) -> None:
    """Job: delete the bytes of a paper whose row is gone."""
    if db.session.scalar(select(StoredPaper.id).where(StoredPaper.key == key)) is None:
        storage().delete(key)


def paper_token(paper: StoredPaper, person_id: int) -> str:
    """A link's token that lets this one person open this one paper for five minutes."""
    return _signer().dumps([paper.code, person_id])


def check_paper_token(token: str, person_id: int) -> StoredPaper:
    """The paper a token opens for this person; Missing when it is old, changed or another's."""
    try:
        code, holder = _signer().loads(token, max_age=PAPER_LINK_SECONDS)
    except (BadData, ValueError, TypeError):
        raise Missing(LINK_TOO_OLD) from None
    paper = (
        db.session.scalar(select(StoredPaper).where(StoredPaper.code == code))
        if holder == person_id
        else None
    )
    if paper is None:
        raise Missing()
    return paper


def tidy_name(filename: str, ending: str) -> str:
    """A file name that can be shown and saved anywhere, with the ending its content asks for."""
    stem = PurePath(unicodedata.normalize("NFC", filename).replace("\\", "/")).stem
    stem = "".join(
        letter for letter in stem if unicodedata.category(letter)[0] != "C" and letter not in '<>:"/|?*'
    )
    return (stem.strip(". ")[:100] or "giay-to") + ending


# -- where the bytes are ------------------------------------------------------------------------------------------


def storage() -> Storage:
    """The storage of this market (MEDIA_URL)."""
    found: Storage | None = current_app.extensions.get("storage")
    if found is None:
        found = current_app.extensions["storage"] = open_storage(market.settings().media)
    return found


def _store(key: str, data: bytes, content_type: str) -> None:
    db.session().info.setdefault("stored", []).append(key)
    storage().put(key, data, content_type)


@event.listens_for(Session, "after_commit")
def _keep_what_was_stored(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("stored", None)


@event.listens_for(Session, "after_soft_rollback")
def _take_back_what_was_stored(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        for key in session.info.pop("stored", ()):
            storage().delete(key)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(market.settings().secret_key, salt="paper")
