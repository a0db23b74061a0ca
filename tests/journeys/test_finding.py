"""A buyer finds goods: by typing ahead with the keyboard, by words that say filters, by filters and chips, back and forth;
all of it without a script, too, but for the typing ahead."""

import pytest
from playwright.sync_api import expect

from tests.journeys.walker import Walker

pytestmark = pytest.mark.browser

SHRIMP, HONEY = "Tôm khô Rạch Gốc nguyên vỏ", "Mật ong"


def test_from_a_few_letters_to_the_goods_and_back_again(somebody):
    buyer = somebody().open("/")
    if buyer.has_script:
        typed_ahead(buyer)
    search(buyer, "tom kho")
    buyer.sees(SHRIMP)
    found = buyer.page.url

    # A filter is a link; on a phone it lies in the sheet.
    choose(buyer, "group=")
    assert "group=" in buyer.page.url
    buyer.follow(chip(buyer, "group"))
    assert "group=" not in buyer.page.url
    choose(buyer, "province=96")
    assert "province=96" in buyer.page.url
    buyer.sees(SHRIMP)
    back(buyer)
    back(buyer)
    assert "group=" in buyer.page.url
    back(buyer)
    assert buyer.page.url == found

    # Words that say filters become chips that come off.
    search(buyer, "tom kho duoi 2 trieu")
    buyer.sees(SHRIMP)
    off = buyer.page.locator("main .chips.off a.chip").first
    buyer.follow(off)
    buyer.sees(SHRIMP)
    assert not buyer.page.locator("main .chips.off").count()

    # A slip is repaired, said, and can be taken back.
    search(buyer, "tom khoo")
    buyer.sees(SHRIMP)
    buyer.follow(buyer.page.locator("main .repaired a"))
    assert "literal=1" in buyer.page.url

    # Nothing there: the way to be told needs no account.
    search(buyer, "xe dap dien")
    buyer.follow("/wishes?")
    buyer.is_at("/wishes")
    if buyer.has_script:
        forgotten(buyer)


def typed_ahead(buyer: Walker) -> None:
    """Letters, arrow, Enter: the goods themselves; Escape closes the list and keeps the letters."""
    box = buyer.page.locator("header [name=q]")
    options = buyer.page.get_by_role("option")
    box.press_sequentially("tom kho")
    expect(options.first).to_be_visible()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    marked = box.get_attribute("aria-activedescendant")
    assert marked and buyer.page.locator(f"#{marked}").get_attribute("aria-selected") == "true"
    buyer._look()
    box.press("Escape")
    expect(options.first).to_be_hidden()
    assert box.input_value() == "tom kho"
    box.press("ArrowDown")
    expect(options.first).to_be_visible()
    goods = next(n for n in range(options.count()) if SHRIMP in options.nth(n).inner_text())
    for _ in range(goods + 1):
        box.press("ArrowDown")
    with buyer.page.expect_navigation():
        box.press("Enter")
    buyer._look()
    buyer.is_at(r"/products/\w+-[\w-]+")
    buyer.page.go_back()
    buyer._look()


def forgotten(buyer: Walker) -> None:
    """What was looked for is offered on this device, until it is forgotten."""
    buyer.open("/")
    box, options = buyer.page.locator("header [name=q]"), buyer.page.get_by_role("option")
    box.focus()
    expect(options.first).to_contain_text("xe dap dien")
    options.last.click()
    assert buyer.page.evaluate("localStorage.searches") is None
    box.blur()
    box.focus()
    expect(options).to_have_count(0)


def back(buyer: Walker) -> None:
    """The page before; on a phone "back" closes the sheet of filters first."""
    buyer.page.go_back()
    if buyer.page.url.endswith("#filters"):
        buyer.page.go_back()
    buyer._look()


def search(buyer: Walker, words: str) -> None:
    buyer.page.locator("header [name=q]").fill(words)
    buyer.send("/products")
    buyer.is_at("/products")


def choose(buyer: Walker, filter_says: str) -> None:
    """Press a filter's link."""
    if buyer.page.viewport_size["width"] < 992:
        buyer.page.locator('main a[href="#filters"]').click()
    buyer.follow(buyer.page.locator(f'#filters a[rel="nofollow"][href*="{filter_says}"]'))


def chip(buyer: Walker, name: str):
    """The chip whose address is without this filter."""
    return buyer.page.locator(f'main .chips.off a.chip:not([href*="{name}="])')
