"""Pictures as bytes: what a phone sent becomes a clean picture of ours, or a sentence saying why not.

Nothing here knows the database. The type is told by the content, never by the name; the size is read from the
header before anything is decoded; and only pixels survive, so no place, no phone and no author stays behind.
"""

import hashlib
import io
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

import pi_heif
from PIL import Image, ImageCms, ImageOps

from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

MAX_UPLOAD_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_PIXELS_SHRUNK = (
    120_000_000  # a plain JPEG is shrunk while it is read, so the large sensors of phones are welcome
)
MIN_SIDE = 200
MAX_ASPECT = 5
MASTER_SIDE = 2400
WIDTHS = (200, 400, 800, 1200)
FIRST_WIDTH = 800
FORMATS = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}

Image.MAX_IMAGE_PIXELS = MAX_PIXELS_SHRUNK
warnings.simplefilter("error", Image.DecompressionBombWarning)
pi_heif.register_heif_opener(thumbnails=False)
Image.init()

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
BRANDS_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
BRANDS_AVIF = {b"avif", b"avis"}

NOT_A_PHOTO = _("Tệp này không phải là ảnh. Hãy chọn ảnh JPEG, PNG, WebP, AVIF hoặc HEIC.")
DRAWING = _("Chợ không nhận tệp SVG hay GIF. Hãy chọn ảnh JPEG, PNG, WebP, AVIF hoặc HEIC.")
TOO_HEAVY = _("Tệp nặng quá 20 MB. Hãy chọn tệp nhẹ hơn, hoặc chụp lại ở cỡ nhỏ hơn.")
TOO_LARGE = _("Ảnh có quá nhiều điểm ảnh. Hãy chụp lại ở cỡ nhỏ hơn, dưới 60 triệu điểm ảnh.")
TOO_SMALL = _("Ảnh nhỏ quá. Mỗi cạnh cần ít nhất 200 điểm ảnh; hãy chọn ảnh chụp gốc.")
TOO_NARROW = _("Ảnh quá dài và hẹp. Hãy cắt bớt rồi gửi lại.")
BROKEN = _("Ảnh bị hỏng hoặc chưa tải lên hết. Hãy thử gửi lại, hoặc chọn ảnh khác.")
EMPTY = _("Tệp này trống. Hãy chọn tệp khác.")


@dataclass(frozen=True, slots=True)
class ReadyPhoto:
    """A picture that was read and cleaned, waiting to be kept. Making one is slow: do it outside a transaction."""

    master: bytes
    first: bytes
    sha256: str
    width: int
    height: int
    colour: str
    original_type: str


def read_photo(stream: BinaryIO, filename: str = "") -> ReadyPhoto:
    """Read what a person sent and make a clean picture of it, turned upright, without any hidden data.

    Raises Refusal with the sentence to show when it is not a picture we can take; of several files sent together,
    the sentence names the one.
    """
    try:
        return _read(read_upload(stream))
    except Refusal as refusal:
        if filename:
            name = filename if len(filename) <= 40 else f"…{filename[-39:]}"
            raise Refusal(_("%(name)s: %(reason)s", name=name, reason=refusal.sentence)) from refusal
        raise


def _read(data: bytes) -> ReadyPhoto:
    kind = kind_of(data)
    if kind is None:
        raise Refusal(DRAWING if is_drawing(data) else NOT_A_PHOTO)
    picture = clean_picture(data, kind)
    return ReadyPhoto(
        master=encode(picture, "jpg", quality=92),
        first=encode(resized(picture, width_for(FIRST_WIDTH, picture.width)), "jpg"),
        sha256=hashlib.sha256(data).hexdigest(),
        width=picture.width,
        height=picture.height,
        colour=mean_colour(picture),
        original_type=f"image/{kind.lower()}",
    )


def make_sizes(master: bytes) -> Iterable[tuple[int, str, bytes]]:
    """Every size and format of a picture we keep, one at a time: (width, format, bytes)."""
    with Image.open(io.BytesIO(master), formats=("JPEG",)) as picture:
        picture.load()
        for width in reversed(widths_of(picture.width)):
            smaller = resized(picture, width)
            for fmt in FORMATS:
                yield width, fmt, encode(smaller, fmt)


def widths_of(width: int) -> list[int]:
    """The widths a picture is offered in: never larger than it is."""
    return [w for w in WIDTHS if w < width] + ([min(width, WIDTHS[-1])] if width <= WIDTHS[-1] else [])


def width_for(wanted: int, width: int) -> int:
    """The offered width that fills `wanted` pixels, or the largest there is."""
    offered = widths_of(width)
    return next((w for w in offered if w >= wanted), offered[-1])


def read_upload(stream: BinaryIO) -> bytes:
    """The bytes of an upload; refuses an empty one, and one over 20 MB without reading the rest."""
    data = stream.read(MAX_UPLOAD_BYTES + 1)
    if len(data) > MAX_UPLOAD_BYTES:
        raise Refusal(TOO_HEAVY)
    if not data:
        raise Refusal(EMPTY)
    return data


def kind_of(data: bytes) -> str | None:
    """The kind of picture these bytes are, by their first bytes, in Pillow's words; None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[8:12]} | {data[i : i + 4] for i in range(16, length, 4)}
        if brands & BRANDS_AVIF:
            return "AVIF"
        if brands & BRANDS_HEIC:
            return "HEIF"
    return None


def is_drawing(data: bytes) -> bool:
    return data.startswith((b"GIF87a", b"GIF89a")) or b"<svg" in data[:4096].lower()


def clean_picture(data: bytes, kind: str) -> Image.Image:
    """The pixels alone: upright, 8-bit sRGB on white, at most 2400 px. What cannot be read is refused."""
    try:
        with Image.open(io.BytesIO(data), formats=(kind,)) as picture:
            check_shape(picture)
            picture.draft(None, (MASTER_SIDE, MASTER_SIDE))
            picture.load()
            return pixels_of(picture)
    except Refusal:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(TOO_LARGE) from None
    except Exception as error:
        # Decoders raise a dozen kinds of exceptions on broken files, down to struct.error and KeyError.
        raise Refusal(BROKEN) from error


def check_shape(picture: Image.Image) -> None:
    """Refuse by the size in the header, before a single pixel is decoded."""
    shrinks = picture.format in ("JPEG", "MPO") and not picture.info.get("progressive")
    if picture.width * picture.height > (MAX_PIXELS_SHRUNK if shrinks else MAX_PIXELS):
        raise Refusal(TOO_LARGE)
    if min(picture.size) < MIN_SIDE:
        raise Refusal(TOO_SMALL)
    if max(picture.size) > MAX_ASPECT * min(picture.size):
        raise Refusal(TOO_NARROW)


def pixels_of(picture: Image.Image) -> Image.Image:
    profile = picture.info.get("icc_profile")
    upright = turned_upright(picture)
    plain = eight_bit(upright)
    plain.thumbnail((MASTER_SIDE, MASTER_SIDE), Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain = in_srgb(on_white(plain), profile)
    clean = Image.new(
        "RGB", plain.size
    )  # a new picture has no EXIF, no comment and no profile to carry along
    clean.paste(plain)
    return clean


def turned_upright(picture: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # a broken EXIF block: the picture is good, only its note about turning is lost
        return picture.copy()


def eight_bit(picture: Image.Image) -> Image.Image:
    """The same picture in a mode that can be resized well: RGB, RGBA, L or CMYK."""
    if picture.mode in ("I", "F") or picture.mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.mode in ("LA", "La", "PA", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture if picture.mode in ("RGB", "RGBA", "L", "CMYK") else picture.convert("RGB")


def on_white(picture: Image.Image) -> Image.Image:
    if picture.mode != "RGBA":
        return picture
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return paper


def in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as every screen shows them; phones often send Display P3."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(picture, source, SRGB, outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a profile that does not fit the picture: the plain reading is the better guess
    return picture.convert("RGB")


def resized(picture: Image.Image, width: int) -> Image.Image:
    if width == picture.width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def encode(picture: Image.Image, fmt: str, quality: int | None = None) -> bytes:
    out = io.BytesIO()
    if fmt == "avif":
        picture.save(out, "AVIF", quality=quality or 56, speed=7)
    elif fmt == "webp":
        picture.save(out, "WEBP", quality=quality or 76, method=4)
    else:
        picture.save(out, "JPEG", quality=quality or 80, optimize=True, progressive=quality is None)
    return out.getvalue()


def mean_colour(picture: Image.Image) -> str:
    """The colour a page shows until the picture is there, as `#rrggbb`."""
    red, green, blue = picture.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return f"#{red:02x}{green:02x}{blue:02x}"
