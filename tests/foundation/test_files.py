"""Photos and papers: kept once, taken back with the deed, shown to those who may see them."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet, InvalidToken
from PIL import Image
from sqlalchemy import func, select

from marketplace.foundation import audit, clock, files, jobs
from marketplace.foundation.audit import SYSTEM, Actor
from marketplace.foundation.db import db, transaction
from marketplace.foundation.files import StoredPaper, StoredPhoto
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.storage import Folder, NothingStored, open_storage

HEIC = Path(__file__).parent / "files" / "phone.heic"
FARMER = Actor.of(7)


def picture(width=1300, height=900, fmt="JPEG") -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (width, height), (20, 160, 40)).save(out, fmt)
    out.seek(0)
    return out


def keep(stream=None, by=FARMER, **options) -> StoredPhoto:
    with transaction():
        return files.keep_photo(stream or picture(), "chè.jpg", by, **options)


def keep_paper(data: bytes, name="Sổ đỏ.pdf") -> StoredPaper:
    with transaction():
        return files.keep_paper(io.BytesIO(data), name, FARMER, purpose="land")


def stored(app) -> set[str]:
    root = Path(app.instance_path) / "media"
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def count(model) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_photo_can_be_shown_at_once_and_fully_after_the_worker(app):
    photo = keep()
    assert not photo.is_ready and photo.widths == [800] and photo.formats == ("jpg",)
    assert files.photo_url(photo, 200, "avif") == f"/media/{photo.key}/800.jpg"
    assert jobs.run_due() == 1
    photo = db.session.get(StoredPhoto, photo.id)
    assert photo.is_ready and photo.widths == [200, 400, 800, 1200]
    assert files.photo_url(photo, 201, "avif") == f"/media/{photo.key}/400.avif"
    assert files.photo_url(photo, 5000, "webp") == f"/media/{photo.key}/1200.webp"
    assert files.photo_srcset(photo, "webp").endswith(f"/media/{photo.key}/1200.webp 1200w")
    assert len(stored(app)) == 1 + 12


def test_every_address_a_photo_names_is_served(app):
    photo = keep()
    jobs.run_due()
    photo = db.session.get(StoredPhoto, photo.id)
    client = app.test_client()
    for fmt, mimetype in (("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")):
        for part in files.photo_srcset(photo, fmt).split(", "):
            url, width = part.split(" ")
            answer = client.get(url)
            assert answer.status_code == 200 and answer.mimetype == mimetype
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert f"{Image.open(io.BytesIO(answer.data)).width}w" == width
            again = client.get(url, headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304 and not again.data


def test_nothing_else_is_served(app):
    photo = keep()
    paper = keep_paper(b"%PDF-1.7\n%%EOF")
    client = app.test_client()
    for path in (
        files.master_key(photo.key), f"../masters/{photo.key}.jpg", paper.key, f"../{paper.key}", "../../files.db",
        f"{photo.key}/200.avif", f"{photo.key}/800.svg", f"{photo.key}/.800.jpg", "%2e%2e/masters",
    ):  # fmt: skip
        answer = client.get(f"/media/{path}")
        assert answer.status_code == 404, path
        assert "immutable" not in answer.headers.get("Cache-Control", "")


def test_making_sizes_twice_or_for_a_photo_that_is_gone_is_harmless(app):
    photo = keep()
    files.make_sizes(photo.id)
    names = stored(app)
    files.make_sizes(photo.id)
    files.make_sizes(99_999)
    assert stored(app) == names
    half = keep(picture(1000, 700))
    (Path(app.extensions["storage"].root) / files.size_key(half.key, 200, "avif")).parent.mkdir(exist_ok=True)
    files.storage().put(files.size_key(half.key, 200, "avif"), b"half done", "image/avif")
    files.make_sizes(half.id)
    data = files.storage().get(files.size_key(half.key, 200, "avif"))
    assert Image.open(io.BytesIO(data)).width == 200


def test_the_same_photo_sent_twice_by_one_person_is_one_photo(app):
    first, again, other = keep(), keep(), keep(by=Actor.of(8))
    assert first.id == again.id != other.id
    assert first.key != other.key
    assert jobs.run_due() == 2


def test_what_a_deed_stored_goes_with_the_deed_when_it_fails(app):
    with pytest.raises(RuntimeError), transaction():
        files.keep_photo(picture(), "a.jpg", FARMER)
        files.keep_paper(io.BytesIO(b"%PDF-1.7\n%%EOF"), "a.pdf", FARMER)
        assert len(stored(app)) == 3
        raise RuntimeError("the deed failed")
    assert stored(app) == set()
    assert count(StoredPhoto) == count(StoredPaper) == count(jobs.OutboxJob) == 0


def test_a_failed_step_inside_a_deed_takes_nothing_from_the_rest(app):
    with transaction():
        photo = files.keep_photo(picture(), "a.jpg", FARMER)
        with pytest.raises(RuntimeError), db.session.begin_nested():
            raise RuntimeError
        with db.session.begin_nested():
            db.session.flush()
    assert len(stored(app)) == 2 and count(StoredPhoto) == 1
    with pytest.raises(RuntimeError), transaction():
        files.keep_photo(picture(600, 600), "b.jpg", FARMER)
        with db.session.begin_nested():
            db.session.flush()
        raise RuntimeError
    assert len(stored(app)) == 2 and db.session.get(StoredPhoto, photo.id)


@pytest.mark.parametrize(
    "data",
    [
        b"text " * (4 * 1024 * 1024),
        picture().getvalue()[:2000],
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        picture(fmt="GIF").getvalue(),
        picture(100, 100).getvalue(),
        b"",
    ],
    ids=["text", "truncated", "svg", "gif", "small", "empty"],
)
def test_a_refused_photo_leaves_nothing_behind(app, data):
    with pytest.raises(Refusal) as refusal, transaction():
        files.keep_photo(io.BytesIO(data), "IMG_2031.jpg", FARMER)
    assert str(refusal.value).startswith("IMG_2031.jpg: ")
    assert count(StoredPhoto) == count(jobs.OutboxJob) == 0
    assert stored(app) == set()


def test_a_photo_taken_away_takes_its_files_along(app):
    photo, other = keep(), keep(by=Actor.of(8))
    jobs.run_due()
    with transaction():
        files.drop_photo(db.session.get(StoredPhoto, photo.id))
    assert len(stored(app)) == 26
    jobs.run_due()
    assert len(stored(app)) == 13
    files.remove_photo(db.session.get(StoredPhoto, other.id).key)  # a row that is still there keeps its files
    assert len(stored(app)) == 13


def test_a_photo_dropped_before_its_sizes_were_made(app):
    photo = keep()
    with transaction():
        files.drop_photo(db.session.get(StoredPhoto, photo.id))
    jobs.run_due()
    assert stored(app) == set() and count(StoredPhoto) == 0


def test_templates_name_photos_by_size(app):
    photo = keep(picture(500, 400))
    jobs.run_due()
    photo = db.session.get(StoredPhoto, photo.id)
    template = app.jinja_env.from_string("{{ photo_url(p, 400, 'webp') }} {{ photo_srcset(p, 'avif') }}")
    assert template.render(p=photo).endswith(f"/media/{photo.key}/500.avif 500w")
    with app.test_request_context("/", base_url="http://x/practice"):
        assert template.render(p=photo).startswith(f"/practice/media/{photo.key}/400.webp")


def opened(paper) -> bytes:
    """Looked at by somebody; the look is in the trail each time."""
    before = len(audit.trail(paper))
    try:
        return files.open_paper(paper, SYSTEM, paper, "stored_paper.seen")
    finally:
        assert len(audit.trail(paper)) == before + 1


# -- papers -------------------------------------------------------------------------------------------------------


def test_a_paper_is_unreadable_where_it_lies_and_whole_when_opened(app):
    data = b"%PDF-1.7\nland right of Lan\n%%EOF\n"
    paper = keep_paper(data, "../../etc/Sổ\u202e đỏ <1>.exe")
    assert paper.filename == "Sổ đỏ 1.pdf" and paper.content_type == "application/pdf"
    raw = files.storage().get(paper.key)
    assert b"land right" not in raw and opened(paper) == data


def test_a_photographed_paper_loses_its_place(app):
    paper = keep_paper(HEIC.read_bytes(), "IMG_1.HEIC")
    assert (paper.content_type, paper.filename) == ("image/jpeg", "IMG_1.jpg")
    assert not dict(Image.open(io.BytesIO(opened(paper))).getexif())


@pytest.mark.parametrize(
    "data",
    [b"", b"MZ\x90\0", b"<html>", b"%PDF-1.7\ncut off", picture().getvalue()[:900], b"PK\3\4" + bytes(99)],
)
def test_what_is_no_paper_is_refused_and_not_stored(app, data):
    with pytest.raises(Refusal):
        keep_paper(data)
    assert stored(app) == set() and count(StoredPaper) == 0


def test_keys_can_be_changed_and_old_papers_still_open(app, monkeypatch):
    settings = app.extensions["settings"]

    def use(*keys: str) -> None:
        monkeypatch.setitem(
            app.extensions, "settings", settings.model_copy(update={"papers_key": ",".join(keys)})
        )

    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    use(old)
    paper = keep_paper(b"%PDF-1.7\n%%EOF")
    use(new, old)
    assert opened(paper).startswith(b"%PDF")
    use(new)
    with pytest.raises(InvalidToken):
        opened(paper)


def test_a_link_to_a_paper_is_one_persons_and_lasts_five_minutes(app):
    paper = keep_paper(b"%PDF-1.7\n%%EOF")
    token = files.paper_token(paper, 7)
    assert files.check_paper_token(token, 7).id == paper.id
    for wrong, person in ((token, 8), (token + "x", 7), ("", 7), ("a.b.c", 7)):
        with pytest.raises(Missing):
            files.check_paper_token(wrong, person)
    with time_machine.travel(clock.now() + timedelta(minutes=6)), pytest.raises(Missing):
        files.check_paper_token(token, 7)


def test_a_paper_taken_away_is_deleted(app):
    paper = keep_paper(b"%PDF-1.7\n%%EOF")
    with transaction():
        files.drop_paper(db.session.get(StoredPaper, paper.id))
    jobs.run_due()
    assert stored(app) == set()


# -- storage ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["folder", "bucket"])
def any_storage(request, tmp_path, monkeypatch):
    if request.param == "folder":
        yield open_storage((tmp_path / "Phố núi").as_uri())
        return
    import moto

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    with moto.mock_aws():
        import boto3

        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket="cho-que")
        yield open_storage("s3://cho-que/media")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_both_storages_keep_the_same_promise(any_storage):
    store = any_storage
    assert not store.exists("photos/a/1.jpg")
    with pytest.raises(NothingStored):
        store.get("photos/a/1.jpg")
    for key in ("photos/a/1.jpg", "photos/a/2.jpg", "photos/ab/1.jpg"):
        store.put(key, key.encode(), "image/jpeg")
    store.put("photos/a/1.jpg", b"newer", "image/jpeg")
    assert store.get("photos/a/1.jpg") == b"newer" and store.exists("photos/a/1.jpg")
    assert not store.exists("photos/a")
    store.delete("photos/a/1.jpg")
    store.delete("photos/a/1.jpg")
    assert not store.exists("photos/a/1.jpg")
    store.delete_folder("photos/a")
    assert not store.exists("photos/a/2.jpg") and store.exists("photos/ab/1.jpg")


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../x", "a/../b", "a//b", "a/.b", "a\\b", "A", "a\0", "a.jpg/b"]
)
def test_no_key_leads_out_of_the_storage(tmp_path, key):
    for deed in (
        Folder(tmp_path).get,
        Folder(tmp_path).exists,
        Folder(tmp_path).delete,
        Folder(tmp_path).delete_folder,
    ):
        with pytest.raises(ValueError, match="not a storage key"):
            deed(key)


def test_the_address_of_a_storage_is_read_or_refused():
    assert isinstance(open_storage("file:///srv/media"), Folder)
    for wrong in ("", "/srv/media", "http://x", "s3://"):
        with pytest.raises(ValueError, match="MEDIA_URL"):
            open_storage(wrong)


def test_a_file_half_written_is_never_seen(tmp_path, monkeypatch):
    store = Folder(tmp_path)
    store.put("a.jpg", b"old", "image/jpeg")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        store.put("a.jpg", b"new", "image/jpeg")
    assert store.get("a.jpg") == b"old" and [p.name for p in tmp_path.iterdir()] == ["a.jpg"]
