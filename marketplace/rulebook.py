"""The dated rules the rooms ship with, put in place together: before the first order of a market, and in every test
that needs them. Loaded again it adds what is missing and changes nothing."""

from marketplace.catalog import service as catalog
from marketplace.claims import service as claims
from marketplace.dossiers import service as dossiers
from marketplace.foundation import market, rules
from marketplace.foundation.audit import Actor
from marketplace.foundation.rules import DayOverride, KeepingRule
from marketplace.foundation.words import _
from marketplace.orders import service as orders
from marketplace.payments import service as payments
from marketplace.shipping import service as shipping

SWAPPED_DAYS = (("2026-01-02", False), ("2026-01-10", True))
"""New Year 2026: Friday 2 January off for Saturday 10 January (announced December 2025, not confirmed)."""
SWAPPED_BASIS = "Hoán đổi ngày nghỉ Tết Dương lịch 2026 (chưa xác nhận)"

KEPT = (
    (
        "contracts",
        3 * 365 + 1,
        _("Hợp đồng, đơn hàng, khiếu nại theo đơn"),
        "Luật 122/2025/QH15, Nghị định 248/2026/NĐ-CP",
    ),
    ("listings", 366, _("Thông tin niêm yết"), "Luật 122/2025/QH15, Nghị định 248/2026/NĐ-CP"),
    (
        "money",
        10 * 365 + 3,
        _("Sổ sách, chứng từ kế toán và thuế"),
        "Luật Kế toán 88/2015/QH13 (chờ kế toán xác nhận)",
    ),
    ("complaints", 366, _("Phản ánh đã trả lời"), "Quy chế của chợ"),
    ("wishes", 180, _("Lời nhờ nhắn khi có hàng của người không có tài khoản"), "Sự đồng ý của người nhờ"),
    ("notices", 730, _("Thông báo trong tài khoản"), "Quy chế của chợ"),
    ("letters", 90, _("Tin nhắn, thư đã gửi"), "Quy chế của chợ"),
)
"""What is kept of people, for how many days, what it is called, and why. Secondary sources: a lawyer confirms them."""
SINCE = "2026-01-01"


def load(by: Actor) -> None:
    """Answer times, fees, taxes, procedures, the market's own word on freight, swapped days; and the illustrative
    tariff and what a shared trip saves, but never in production: there an admin imports the contract's price list
    under /admin/rules before anything can be sent. (In the practice market nothing is sent.)"""
    catalog.load_rules(by)
    orders.load_rules(by)
    payments.load_rules(by)
    claims.load_rules(by)
    dossiers.load_procedures(by)
    shipping.load_rules(by)
    if market.settings().practice or market.settings().app_env != "production":
        shipping.load_tables(by)
    kept = [
        {"what": what, "days": days, "name": name.text, "legal_basis": basis, "valid_from": SINCE}
        for what, days, name, basis in KEPT
    ]
    rules.put_in_place(KeepingRule, kept, by, key=("what",))
    swapped = [
        {"valid_from": day, "valid_to": day, "is_working": is_working, "legal_basis": SWAPPED_BASIS}
        for day, is_working in SWAPPED_DAYS
    ]
    rules.put_in_place(DayOverride, swapped, by)
