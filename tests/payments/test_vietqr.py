"""The text behind the QR equals the vectors of another implementation, and a scanner reads the picture."""

import json
import subprocess
from pathlib import Path

import pytest

from marketplace.foundation import qr
from marketplace.payments import vietqr
from tests import machine

VECTORS = json.loads((Path(__file__).parent / "vietqr_vectors.json").read_text("utf8"))["vectors"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["payload"][-4:])
def test_payloads_equal_the_vectors(vector):
    given = vector["input"]
    amount = int(given["amount"]) if "amount" in given else None
    text = vietqr.payload(given["bankBin"], given["bankNumber"], amount, given.get("purpose", ""))
    assert text == vector["payload"]


def test_the_checksum_is_ccitt_false():
    assert vietqr.crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize(
    ("bank_bin", "account", "amount", "content"),
    [
        ("97043", "123", None, ""),
        ("970436", "", None, ""),
        ("970436", "12 3", None, ""),
        ("970436", "1" * 20, None, ""),
        ("970436", "123", 0, ""),
        ("970436", "123", -1, ""),
        ("970436", "123", 1, "Trà đinh"),
        ("970436", "123", 1, "a" * 26),
        ("970436", "123", 1, "a-b"),
    ],
)
def test_what_a_bank_would_not_carry_is_refused(bank_bin, account, amount, content):
    with pytest.raises(ValueError, match=r"bank|amount"):
        vietqr.payload(bank_bin, account, amount, content)


def test_the_picture_has_no_inline_style():
    drawn = qr.svg(VECTORS[2]["payload"])
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "viewBox" in drawn


def test_a_scanner_reads_the_picture(tmp_path):
    import segno

    scanner = machine.program("zbarimg", "zbar-tools")
    text = VECTORS[2]["payload"]
    picture = tmp_path / "qr.png"
    segno.make(text, error="m", micro=False).save(str(picture), scale=6, border=4)
    read = subprocess.run([scanner, "-q", "--raw", str(picture)], capture_output=True, text=True, check=True)
    assert read.stdout.strip() == text
