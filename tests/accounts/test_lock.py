"""A counter's computer left alone is locked; the clerk comes back with their password, to where they were."""

import pytest

from tests import cast
from tests.cast import PASSWORD
from tests.parcels import Story


@pytest.fixture
def counter(app, visit):
    visit.sign_in(Story().person)
    visit("/post")
    return visit


def test_nobody_is_signed_in_at_a_counter_left_alone(counter, clock):
    clock.forward(minutes=9)
    counter("/post/troubles")
    clock.forward(minutes=9)
    counter("/post/troubles")
    clock.forward(minutes=10)
    answer = counter.raw("GET", "/post/troubles")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/post/lock?next=/post/troubles")
    assert "/post/lock" in counter.raw("GET", "/account").headers["Location"]
    sent = counter.raw("POST", "/post/scans", data={"csrf_token": counter.token()})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/post/lock")


def test_what_a_page_asks_by_itself_is_no_sign_of_a_person(counter, clock):
    for _time in range(3):
        clock.forward(minutes=4)
        counter.raw("GET", "/account/notices", headers={"Sec-Fetch-Mode": "cors"})
    assert counter.raw("GET", "/post").status_code == 303


def test_typing_keeps_it_open(counter, clock):
    for _time in range(3):
        clock.forward(minutes=6)
        assert counter.raw("GET", "/post/presence", headers={"Sec-Fetch-Mode": "cors"}).status_code == 204
    counter("/post")


def test_the_password_alone_opens_it_where_it_was(counter, clock):
    clock.forward(minutes=11)
    page = counter("/post/lock?next=/post/troubles")
    assert "Mật khẩu chưa đúng" in page.form("/post/lock").submit(password="no", status=422)
    assert counter.raw("GET", "/post").status_code == 303
    page = counter("/post/lock?next=/post/troubles").form("/post/lock").submit(password=PASSWORD)
    assert page.path == "/post/troubles"


def test_a_clerk_who_leaves_locks_it(counter):
    assert counter.raw("GET", "/post/lock?now=1").headers["Location"] == "/post/lock"
    assert counter.raw("GET", "/post").status_code == 303


def test_a_buyers_telephone_is_never_locked(app, visit, clock):
    visit.sign_in(cast.buyer())
    clock.forward(minutes=60)
    visit("/account")
