"""Signing in and out: by phone or e-mail, by password."""

from tests import cast

NOT_RIGHT = "Số điện thoại, e-mail hoặc mật khẩu chưa đúng."


def test_by_phone_and_password(visit):
    cast.buyer()
    answer = visit("/login").form("/login").submit(login="0912 000 001", password=cast.PASSWORD, status=303)
    assert answer.answer.headers["Location"] == "/"
    assert "Trần Thị Lan" in visit("/account")
