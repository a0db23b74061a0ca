"""The pictures of a farm's story: the first is its cover, the others follow."""

from collections.abc import Sequence

from marketplace.farmers.models import MOST_PHOTOS, Farm, FarmPhoto
from marketplace.foundation import files
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import db
from marketplace.foundation.files import StoredPhoto
from marketplace.foundation.photos import ReadyPhoto
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _


def add_photos(farm: Farm, photos: Sequence[ReadyPhoto | StoredPhoto], by: Actor) -> None:
    """Put pictures behind those the farm has. Raises Refusal when they would be too many."""
    stored = [
        photo if isinstance(photo, StoredPhoto) else files.keep_photo(photo, "", by, purpose="farm")
        for photo in photos
    ]
    known = set(farm.photos)
    new = [photo for photo in dict.fromkeys(stored) if photo not in known]
    if len(known) + len(new) > MOST_PHOTOS:
        raise Refusal(_("Tối đa %(most)s tấm hình. Hãy bỏ bớt hình cũ.", most=MOST_PHOTOS), "photo")
    for photo in new:
        if farm.photo is None:
            farm.photo = photo
        else:
            farm.more_photos.append(FarmPhoto(photo=photo))


def drop_photos(farm: Farm, codes: Sequence[str]) -> None:
    """Take pictures away, by their codes; the next one becomes the cover."""
    gone = [photo for photo in farm.photos if photo.code in codes]
    kept = [photo for photo in farm.photos if photo not in gone]
    if not gone:
        return
    farm.photo = kept[0] if kept else None
    farm.more_photos = [row for row in farm.more_photos if row.photo in kept[1:]]
    # The farm lets go of the pictures before the pictures go.
    db.session.flush()
    for photo in gone:
        files.drop_photo(photo)
