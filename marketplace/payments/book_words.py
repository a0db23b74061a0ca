"""What people call the accounts and entries of the books. The names behind them stand at the top of ledger.py."""

from collections.abc import Mapping

from marketplace.foundation.words import Text, _

ACCOUNT_NAMES: Mapping[str, Text] = {
    "bank": _("Tài khoản ngân hàng của chợ"),
    "post_cod": _("Tiền thu hộ còn ở bưu điện"),
    "post_cash": _("Quầy đã trả hộ nhà vườn"),
    "counter_cash": _("Tiền nộp tại quầy, chưa về chợ"),
    "stripe": _("Stripe đang giữ"),
    "disputed": _("Tiền thẻ đang tranh chấp"),
    "buyer": _("Giữ hộ người mua"),
    "farm": _("Nợ nhà vườn"),
    "carrier": _("Cước phải trả bưu điện"),
    "tax_withheld": _("Thuế phải nộp"),
    "commission": _("Phí chợ đã thu"),
    "unmatched": _("Chuyển khoản chưa rõ của ai"),
    "cod_surplus": _("Bưu điện nộp thừa"),
    "losses": _("Chợ chịu"),
    "discounts": _("Phiếu giảm giá chợ chịu"),
    "fees": _("Phí ngân hàng và cổng thẻ"),
    "agency_fees": _("Lệ phí phải nộp cơ quan"),
}
"""By the name before the colon: `buyer:<order>` and `farm:<id>` are one kind each."""

ENTRY_WORDS: Mapping[str, Text] = {
    "paid": _("Người mua trả tiền"),
    "unmatched": _("Nhận chuyển khoản chưa rõ của ai"),
    "cod_collected": _("Bưu tá thu tiền của khách"),
    "cod_remitted": _("Bưu điện nộp tiền thu hộ"),
    "cod_surplus": _("Bưu điện nộp thừa"),
    "cod_surplus_returned": _("Trả lại bưu điện khoản nộp thừa"),
    "cod_written_off": _("Xóa khoản bưu điện không nộp"),
    "delivered": _("Giao xong: chia tiền"),
    "freight_saved": _("Cước thấp hơn đã báo"),
    "freight_differed": _("Cước chênh lệch"),
    "carried_in_vain": _("Cước hàng khách không nhận"),
    "carried_back": _("Cước chuyển hoàn một kiện"),
    "claimed_back": _("Cước hàng khách trả lại"),
    "result_posted": _("Cước gửi kết quả hồ sơ"),
    "refund": _("Hoàn tiền cho khách"),
    "refund_bounced": _("Khoản hoàn bị ngân hàng trả lại"),
    "compensated": _("Bên chịu khoản hoàn cho khách"),
    "compensation_withdrawn": _("Rút lại khoản hoàn cho khách"),
    "loss_made_good": _("Đền hàng bưu điện làm mất"),
    "payout": _("Trả nhà vườn"),
    "payout_bounced": _("Khoản trả nhà vườn bị trả lại"),
    "farm_charged": _("Nhà vườn nợ chợ"),
    "tax_returned": _("Thuế trả lại theo khoản hoàn"),
    "debt_paid_in": _("Nhà vườn trả khoản còn nợ"),
    "debt_written_off": _("Xóa nợ của nhà vườn"),
    "dispute_opened": _("Ngân hàng người mua giữ tiền thẻ"),
    "dispute_won": _("Thắng tranh chấp thẻ"),
    "dispute_lost": _("Thua tranh chấp thẻ"),
    "dossier_fee": _("Thu lệ phí hồ sơ"),
    "fee_remitted": _("Quầy nộp lệ phí về chợ"),
    "correction": _("Điều chỉnh của hai người"),
}
