"""The way to the first sale, step by step: what it is called, why somebody stands there, what to do next."""

from dataclasses import dataclass, replace

from marketplace.dossiers.models import DossierState
from marketplace.foundation.words import Text, _


@dataclass(frozen=True, slots=True)
class Step:
    """`done` names it when reached; `waits` says why a learner stands before it; `deed` what they do next; `lesson` is
    the one to read (a key of `lessons`); `is_ours` when somebody else has to move (the reviewer, the buyer, the
    post)."""

    key: str
    done: Text
    waits: Text
    deed: Text
    lesson: str
    path: str = ""
    is_ours: bool = False


STEPS: tuple[Step, ...] = (
    Step(
        "registered",
        _("Có tài khoản"),
        _("chưa mở tài khoản"),
        _("Vào trang Tham gia lớp, ghi tên và số điện thoại."),
        "tai-khoan",
        "/join",
    ),
    Step(
        "phone",
        _("Đã xác nhận số điện thoại"),
        _("chưa nhập mã gửi về điện thoại"),
        _("Nhập mã 6 số trong tin nhắn. Mất mã thì xin mã mới."),
        "tai-khoan",
        "/account/phone",
    ),
    Step(
        "papers",
        _("Bưu điện đã nhận giấy tờ"),
        _("chưa nộp giấy tờ mở gian hàng"),
        _("Làm nốt các bước mở gian hàng rồi bấm Gửi hồ sơ."),
        "tai-khoan",
        "/sell/start",
    ),
    Step(
        "approved",
        _("Gian hàng được duyệt"),
        _("hồ sơ đang chờ duyệt"),
        _("Chờ bưu điện duyệt. Nếu được nhắc bổ sung thì gửi giấy còn thiếu."),
        "tai-khoan",
        "/sell",
        is_ours=True,
    ),
    Step(
        "listing",
        _("Đăng món đầu tiên"),
        _("chưa đăng món nào"),
        _("Chụp một tấm ảnh, ghi tên, giá và số lượng, rồi bấm Đăng bán."),
        "chup-anh",
        "/sell/products",
    ),
    Step(
        "seen",
        _("Có người xem món đầu tiên"),
        _("chưa ai mở xem món nào"),
        _("Gửi đường dẫn gian hàng vào nhóm Zalo của xóm, cho người quen xem trước."),
        "mo-ta",
        "/sell/products",
    ),
    Step(
        "order",
        _("Có đơn đầu tiên"),
        _("chưa có ai đặt mua"),
        _("Gửi đường dẫn gian hàng cho người quen, xem lại ảnh và giá."),
        "mo-ta",
        "/sell/products",
    ),
    Step(
        "delivered",
        _("Giao xong đơn đầu tiên"),
        _("đơn đầu chưa giao xong"),
        _("Nhận đơn, gói hàng và mang ra bưu điện đúng hẹn."),
        "gui-hang",
        "/sell/orders",
    ),
    Step(
        "paid",
        _("Nhận tiền lần đầu"),
        _("tiền đơn đầu chưa về"),
        _("Xem trang Tiền: khi nào tiền về và vì sao đang giữ."),
        "tien-thu-ho",
        "/sell/money",
        is_ours=True,
    ),
)
"""In the order of life. The first sale is `delivered`; the money follows by itself."""

BY_KEY = {step.key: step for step in STEPS}
FIRST_SALE = "delivered"

HANDED_IN = replace(
    BY_KEY["papers"],
    waits=_("hồ sơ đã gửi, bưu điện chưa tiếp nhận"),
    deed=_("Chờ bưu điện tiếp nhận hồ sơ."),
    path="/sell",
    is_ours=True,
)
"""The step `papers` of who has sent the application: the next move is the post's."""

MORE_PAPERS = (
    _("bưu điện cần thêm giấy tờ"),
    _("Mở trang Mở gian hàng, xem giấy nào còn thiếu rồi gửi bổ sung."),
)
APPLY_AGAIN = (
    _("hồ sơ không được duyệt hoặc đã rút"),
    _("Mở trang Mở gian hàng, xem lý do rồi gửi lại hồ sơ."),
)
BACK_WITH_FARMER: dict[DossierState, tuple[Text, Text]] = {
    DossierState.NEEDS_PAPERS: MORE_PAPERS,
    DossierState.REFUSED: APPLY_AGAIN,
    DossierState.WITHDRAWN: APPLY_AGAIN,
    DossierState.STOPPED: APPLY_AGAIN,
}
"""Where the next move is the farmer's although the application was at the post: why, and what to do."""


def as_the_papers_stand(step: Step | None, papers: DossierState | None) -> Step | None:
    """The same step in the words of where the application is: nobody is told to send what was sent, or to wait for
    what waits for them."""
    if step is None or step.key not in ("papers", "approved") or papers is None:
        return step
    if papers in BACK_WITH_FARMER:
        waits, deed = BACK_WITH_FARMER[papers]
        return replace(step, waits=waits, deed=deed, path="/sell/start", is_ours=False)
    return HANDED_IN if step.key == "papers" and papers is DossierState.SUBMITTED else step


def after(reached: frozenset[str]) -> Step | None:
    """The step to take next: the one after the furthest reached, so that a step the market learnt of late (a number
    proved after the shop was open) stops nobody; none when the last is reached."""
    furthest = max((i for i, step in enumerate(STEPS) if step.key in reached), default=-1)
    return STEPS[furthest + 1] if furthest + 1 < len(STEPS) else None
