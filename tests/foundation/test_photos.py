"""What a phone sends becomes a clean picture, or a sentence; never anything else."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from marketplace.foundation import photos
from marketplace.foundation.photos import make_sizes, read_photo, width_for, widths_of
from marketplace.foundation.refusal import Refusal

FILES = Path(__file__).parent / "files"
GPS = 0x8825


def picture(width=640, height=480, mode="RGB") -> Image.Image:
    """A red band on top of green, so that turning and colours can be seen."""
    image = Image.new("RGB", (width, height), (20, 160, 40))
    ImageDraw.Draw(image).rectangle([0, 0, width, height // 4], fill=(220, 30, 30))
    return image.convert(mode)


def packed(image: Image.Image, fmt: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def phone_exif(orientation=1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "ChoQue Phone"
    exif.get_ifd(GPS).update({1: "N", 2: (21.0, 33.0, 12.0), 3: "E", 4: (105.0, 47.0, 30.0)})
    return exif


def read(data: bytes):
    return read_photo(io.BytesIO(data))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def refused(data: bytes) -> str:
    with pytest.raises(Refusal) as refusal:
        read(data)
    return str(refusal.value)


def png_header(width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(999)))
        + chunk(b"IEND", b"")
    )


def looks_upright(image: Image.Image) -> bool:
    image = image.convert("RGB")
    top = image.getpixel((image.width // 2, 10))
    bottom = image.getpixel((image.width // 2, image.height - 10))
    return top[0] > 150 and top[1] < 90 and bottom[1] > bottom[0]


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_usual_kind_is_read_by_its_content(fmt):
    ready = read(packed(picture(), fmt))
    assert (ready.width, ready.height) == (640, 480)
    assert ready.original_type == f"image/{fmt.lower()}"
    assert opened(ready.master).format == opened(ready.first).format == "JPEG"
    assert looks_upright(opened(ready.first))


def test_a_heic_from_a_phone_is_read_upright_and_without_its_place():
    data = (FILES / "phone.heic").read_bytes()
    assert opened(data).getexif().get_ifd(GPS)  # the picture does carry a place
    ready = read(data)
    assert (ready.width, ready.height) == (360, 480)
    assert_clean(ready)
    top = opened(ready.master).getpixel((180, 20))
    assert top[0] > 200 and top[1] < 60


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_place_and_every_other_hidden_word_are_gone(fmt):
    data = packed(picture(), fmt, exif=phone_exif())
    assert opened(data).getexif().get_ifd(GPS)
    assert_clean(read(data))


def test_comments_profiles_and_xmp_are_gone():
    data = packed(
        picture(),
        "JPEG",
        comment=b"secret words",
        xmp=b"<x:xmpmeta>secret</x:xmpmeta>",
        icc_profile=photos.SRGB.tobytes(),
    )
    ready = read(data)
    assert_clean(ready)
    assert b"secret" not in ready.master + ready.first


def assert_clean(ready) -> None:
    sizes = [data for _, _, data in make_sizes(ready.master)]
    for data in [ready.master, ready.first, *sizes]:
        image = opened(data)
        assert not dict(image.getexif())
        assert not {"exif", "xmp", "comment", "icc_profile", "photoshop", "XML:com.adobe.xmp"} & set(
            image.info
        )
        assert b"ChoQue Phone" not in data


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_taken_sideways_is_turned_upright(orientation):
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    stored = picture().transpose(turns[orientation]) if orientation in turns else picture()
    ready = read(packed(stored, "JPEG", exif=phone_exif(orientation)))
    assert (ready.width, ready.height) == (640, 480)
    assert looks_upright(opened(ready.master))


def test_a_print_shop_jpeg_in_cmyk_becomes_rgb():
    master = opened(read(packed(picture(mode="CMYK"), "JPEG")).master)
    assert master.mode == "RGB" and looks_upright(master)


def test_sixteen_bit_grey_keeps_its_tones():
    image = Image.new("I;16", (300, 300), 40000)
    assert abs(opened(read(packed(image, "PNG")).master).getpixel((9, 9))[0] - 156) < 3


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L"])
def test_see_through_and_indexed_pictures_lie_on_white(mode):
    image = Image.new("RGBA", (300, 300), (0, 0, 0, 0))
    ready = read(
        packed(
            image.convert(mode) if mode not in ("P", "1", "L") else Image.new(mode, (300, 300), 255), "PNG"
        )
    )
    if mode in ("RGBA", "LA"):
        assert opened(ready.master).getpixel((5, 5)) == (255, 255, 255)
        assert ready.colour == "#ffffff"
    assert opened(ready.master).mode == "RGB"


@pytest.mark.parametrize("mode", ["P", "L", "RGB"])
def test_a_single_see_through_colour_lies_on_white_too(mode):
    image = Image.new(mode, (300, 300), 0)
    data = packed(image, "PNG", transparency=(0, 0, 0) if mode == "RGB" else 0)
    assert opened(read(data).master).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("fmt", ["WEBP", "PNG", "AVIF"])
def test_of_a_moving_picture_the_first_frame_is_kept(fmt):
    frames = [Image.new("RGB", (300, 300), "blue")]
    ready = read(packed(picture(300, 300), fmt, save_all=True, append_images=frames))
    assert looks_upright(opened(ready.master))


def test_a_wide_gamut_colour_is_brought_to_srgb():
    # A JPEG whose profile swaps nothing but says sRGB must keep its colours.
    ready = read(packed(picture(), "JPEG", quality=95, icc_profile=photos.SRGB.tobytes()))
    assert looks_upright(opened(ready.master))
    assert read(packed(picture(), "JPEG", icc_profile=b"not a profile")).width == 640


def test_a_large_sensor_is_shrunk_to_the_master_size():
    ready = read(packed(Image.new("RGB", (9000, 7200), "green"), "JPEG", quality=20))  # 64.8 million pixels
    assert (ready.width, ready.height) == (2400, 1920)


def test_too_many_pixels_are_refused_by_the_header_alone():
    assert "điểm ảnh" in refused(png_header(50_000, 50_000))
    assert "điểm ảnh" in refused(png_header(11_000, 11_000))
    assert "điểm ảnh" in refused(png_header(8_000, 8_000))


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "trống"),
        (b"hello " * 1000, "không phải là ảnh"),
        (b"\0" * 1000, "không phải là ảnh"),
        (b"%PDF-1.7\n%%EOF", "không phải là ảnh"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "SVG"),
        (b'<?xml version="1.0"?>\n<!-- x --><svg onload="x()"/>', "SVG"),
        (packed(picture(), "GIF"), "GIF"),
        (packed(picture(), "BMP"), "không phải là ảnh"),
        (packed(picture(), "TIFF"), "không phải là ảnh"),
        (packed(picture(199, 400), "PNG"), "nhỏ quá"),
        (packed(picture(1600, 210), "PNG"), "dài và hẹp"),
        (b"x" * (20 * 1024 * 1024), "không phải là ảnh"),
        (b"\xff\xd8\xff" + b"x" * (20 * 1024 * 1024), "20 MB"),
    ],
)
def test_what_is_no_photo_gets_a_sentence(data, word):
    assert word in refused(data)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "AVIF", "HEIC"])
def test_a_photo_cut_off_on_its_way_is_refused(fmt):
    data = (
        (FILES / "phone.heic").read_bytes()
        if fmt == "HEIC"
        else packed(Image.effect_noise((400, 300), 90).convert("RGB"), fmt)
    )
    for part in (0.02, 0.3, 0.7, 0.95):
        assert refused(data[: int(len(data) * part)])


@given(st.binary(max_size=600), st.sampled_from(["", "JPEG", "PNG", "WEBP", "AVIF", "HEIC"]))
@settings(max_examples=150, deadline=None)
def test_random_bytes_are_always_refused_and_never_crash(tail, fmt):
    heads = {
        "": b"", "JPEG": b"\xff\xd8\xff\xe0", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF\x10\0\0\0WEBPVP8 ",
        "AVIF": b"\0\0\0\x18ftypavif", "HEIC": b"\0\0\0\x18ftypheic",
    }  # fmt: skip
    assert refused(heads[fmt] + tail)


@given(st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_photo_is_read_or_refused_and_nothing_else(data):
    fmt = data.draw(st.sampled_from(["JPEG", "PNG", "WEBP", "AVIF", "HEIC"]))
    good = bytearray(
        (FILES / "phone.heic").read_bytes()
        if fmt == "HEIC"
        else packed(picture(240, 200), fmt, exif=phone_exif(6))
    )
    for place, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), max_size=12)
    ):
        good[place] = value
    try:
        read(bytes(good))
    except Refusal:
        pass


def test_sizes_are_made_in_every_format_and_never_larger_than_the_photo():
    sizes = {
        (width, fmt): opened(data)
        for width, fmt, data in make_sizes(read(packed(picture(900, 600), "JPEG")).master)
    }
    assert set(sizes) == {(w, f) for w in (200, 400, 800, 900) for f in ("avif", "webp", "jpg")}
    assert sizes[200, "avif"].size == (200, 133)
    assert sizes[400, "webp"].format == "WEBP"


def test_the_width_offered_fills_the_place_asked_for():
    assert widths_of(2400) == [200, 400, 800, 1200]
    assert widths_of(1200) == [200, 400, 800, 1200]
    assert widths_of(500) == [200, 400, 500]
    assert widths_of(200) == [200]
    assert (width_for(300, 2400), width_for(800, 500), width_for(1, 250)) == (400, 500, 200)
