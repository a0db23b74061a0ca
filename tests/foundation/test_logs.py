"""What is a person's own is not written into the log."""

import pytest

from marketplace.foundation.logs import mask_personal, masked


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("('+84912345678', 'lan.tran@gmail.com')", "('*******678', '***@gmail.com')"),
        ("gọi 0912 345 678 nhé", "gọi ******* 678 nhé"),
        ("02903831234", "*******234"),
        ("CCCD 019095001234", "CCCD *********234"),
        ("/invitations/aB-c_9", "/invitations/***"),
        ("/login/links/aB-c_9", "/login/links/***"),
        ("/account/orders/DH2A?key=abc", "/account/orders/DH2A?key=***"),
    ],
)
def test_a_persons_own_is_masked(said, written):
    assert masked(said) == written


@pytest.mark.parametrize("said", ["2026-11-22T00:27:25", "NS261121A7K3", "0912abcdef12", "1440000000 đ"])
def test_other_numbers_stay(said):
    assert masked(said) == said


def test_secrets_are_masked_by_their_name():
    line = mask_personal(None, "info", {"event": "x", "password": "demo", "arguments": ["+84912345678", 3]})
    assert line == {"event": "x", "password": "***", "arguments": ["*******678", 3]}
