"""Sentences a handler picks and edits, so that a reason always says what to do next."""

from collections.abc import Sequence

from marketplace.foundation.words import Text, _

REQUESTS: Sequence[Text] = (
    _("Ảnh căn cước bị mờ hoặc mất góc. Hãy chụp lại dưới ánh sáng ban ngày, thấy đủ bốn góc."),
    _("Ảnh gửi lên không phải tờ giấy được hỏi. Hãy chụp đúng tờ giấy ghi trong danh sách."),
    _("Họ tên trong hồ sơ khác với giấy tờ. Hãy ghi đúng như trên căn cước."),
    _("Số trong hồ sơ không khớp với giấy. Hãy xem lại từng chữ số."),
    _(
        "Chủ tài khoản không phải người đứng tên. Hãy gửi giấy đăng ký kết hôn hoặc giấy đồng ý của chủ tài khoản."
    ),
    _("Địa chỉ chưa đủ để bưu tá tìm được. Hãy ghi thêm số nhà hoặc tên thôn, ấp."),
)
REFUSALS: Sequence[Text] = (
    _("Hồ sơ không thuộc thủ tục này. Hãy xem danh sách thủ tục hoặc hỏi điểm bưu điện."),
    _("Giấy tờ không đúng của người nộp. Hãy nộp hồ sơ mới bằng giấy tờ của chính mình."),
    _("Người nộp đã có một hồ sơ cùng nội dung. Hãy theo dõi hồ sơ đó."),
)
DELAYS: Sequence[Text] = (
    _("Cần xác minh thêm ở nơi ở cũ nên chưa xong đúng hẹn."),
    _("Cơ quan giải quyết chưa gửi kết quả về."),
    _("Người xử lý nghỉ đột xuất, hồ sơ vừa được giao cho người khác."),
)
