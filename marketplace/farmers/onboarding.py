"""The steps by which a farm comes on board, as data: what each asks, why, and when it is done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from marketplace.farmers.models import Farm, FarmKind, PayBy
from marketplace.foundation.words import Text, _


@dataclass(frozen=True)
class Step:
    """One page of the way. `key` is its address and the section of the dossier it fills."""

    key: str
    title: Text
    short: Text
    icon: str
    needs: Text
    why: Text
    example: Text
    is_done: Callable[[Farm], bool]


def _knows_who(farm: Farm) -> bool:
    who = farm.identity
    if farm.kind is None or who is None or not who.full_name or who.born_on is None:
        return False
    return bool(who.personal_id_end if farm.kind is FarmKind.HOUSEHOLD else who.tax_code)


def _knows_farm(farm: Farm) -> bool:
    return bool(farm.name and farm.phone)


def _knows_address(farm: Farm) -> bool:
    return bool(farm.commune_code and farm.street and farm.lat is not None)


def _knows_payment(farm: Farm) -> bool:
    account = farm.bank_account
    return account is not None and (account.method is PayBy.CASH or bool(account.number_end))


STEPS: Sequence[Step] = (
    Step(
        "who",
        _("Bạn là ai?"),
        _("Người bán"),
        "account",
        _("Thẻ căn cước; hợp tác xã, công ty thì thêm mã số thuế và giấy đăng ký"),
        _("Luật Thương mại điện tử yêu cầu chợ biết rõ người bán. Người mua chỉ thấy tên gian hàng."),
        _(
            "Hộ gia đình: Nguyễn Văn An, sinh 20/05/1980, số 019 080 000 123. Hợp tác xã: người đại diện, "
            "mã số thuế và ảnh giấy đăng ký."
        ),
        _knows_who,
    ),
    Step(
        "farm",
        _("Nông trại của bạn"),
        _("Nông trại"),
        "wheat",
        _("Tên gian hàng, số điện thoại, vài câu giới thiệu, một tấm hình nếu có"),
        _("Người mua muốn biết ai trồng, ai làm. Vài câu thật thà là đủ."),
        _(
            "“Chè Hảo Đạt. Nhà tôi ba đời làm chè ở Tân Cương, hái tay buổi sớm, sao chảo gang, không pha hương liệu.”"
        ),
        _knows_farm,
    ),
    Step(
        "address",
        _("Lấy hàng ở đâu?"),
        _("Địa chỉ"),
        "pin",
        _("Địa chỉ nơi bưu tá tới lấy hàng"),
        _("Bưu tá tới đây lấy hàng, phí giao cũng tính từ đây. Người mua chỉ thấy xã và tỉnh."),
        _("Xóm Hồng Thái 2, Xã Tân Cương, Thái Nguyên. Nhà khó tìm thì ghi thêm “cạnh nhà văn hoá xóm”."),
        _knows_address,
    ),
    Step(
        "payment",
        _("Nhận tiền thế nào?"),
        _("Nhận tiền"),
        "money",
        _("Số tài khoản ngân hàng, hoặc nhận tiền mặt tại điểm bưu điện"),
        _("Tiền bán hàng trả về đây. Số tài khoản được mã hoá, chỉ hiện bốn số cuối."),
        _(
            "Agribank, 8500 201 000 017, NGUYEN VAN AN. Tài khoản của vợ hoặc chồng "
            "cũng được, kèm ảnh giấy đăng ký kết hôn."
        ),
        _knows_payment,
    ),
)


def step(key: str) -> Step | None:
    return next((one for one in STEPS if one.key == key), None)


def next_step(farm: Farm, after: str | None = None) -> Step | None:
    """The first step that is not done, looking onwards from `after` first; none when all are."""
    keys = [one.key for one in STEPS]
    start = keys.index(after) + 1 if after in keys else 0
    order = [*STEPS[start:], *STEPS[:start]]
    return next((one for one in order if not one.is_done(farm)), None)


def done_count(farm: Farm) -> int:
    return sum(one.is_done(farm) for one in STEPS)
