"""Bar and QR codes on a photo: for telephones whose browser cannot read codes itself."""

import zxingcpp

from marketplace.foundation import photos
from marketplace.foundation.refusal import Refusal
from marketplace.foundation.words import _

PRINTED = zxingcpp.BarcodeFormats((zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode))
"""What stands on our labels (`shipping.labels`); a photo full of other codes says nothing about a parcel."""

NO_CODE = _(
    "Không đọc được mã nào trong hình. Chụp lại gần hơn, đủ sáng, thấy cả vạch hay cả ô vuông; hoặc gõ mã in dưới vạch."
)


def read_codes(data: bytes) -> list[str]:
    """What the codes on a photo say, each text once, from the top; refuses what is no photo, and one without a code."""
    kind = photos.kind_of(data)
    if kind is None:
        raise Refusal(photos.NOT_A_PHOTO)
    found = zxingcpp.read_barcodes(photos.clean_picture(data, kind), formats=PRINTED)
    texts = [code.text for code in sorted(found, key=lambda code: code.position.top_left.y) if code.text]
    if not texts:
        raise Refusal(NO_CODE)
    return list(dict.fromkeys(texts))
