"""What was done, in sentences: every verb of the trail, every job and its hours as a person reads them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from marketplace.foundation.db import db
from marketplace.foundation.states import State
from marketplace.foundation.words import Text, _

NOUNS: dict[str, Text] = {
    "own_words": _("nhóm từ cùng nghĩa"),
    "answer_rule": _("quy định trả lời đơn"),
    "bank_notice": _("khoản chuyển khoản"),
    "certificate": _("giấy chứng nhận"),
    "consent": _("lời đồng ý"),
    "day_override": _("ngày hoán đổi"),
    "delivery": _("tin gửi đi"),
    "carton_list": _("cỡ thùng"),
    "dossier": _("hồ sơ"),
    "farm": _("nhà vườn"),
    "farm_order": _("đơn của nhà vườn"),
    "fee_rule": _("quy định phí"),
    "freight_difference_rule": _("quy định cước khác báo giá"),
    "hand_in_rule": _("quy định gửi ở bưu cục khác"),
    "compensation_rule": _("quy định bồi thường hàng mất, hỏng"),
    "perishable_rule": _("quy định hàng tươi chờ tại bưu cục"),
    "sharing_rule": _("quy định giảm cước khi gửi chung"),
    "invitation": _("lời mời"),
    "lot": _("lô hàng"),
    "order_": _("đơn đặt"),
    "parcel": _("bưu gửi"),
    "payment": _("khoản tiền"),
    "payout": _("khoản trả nhà vườn"),
    "payout_batch": _("danh sách trả tiền"),
    "refund_batch": _("danh sách chuyển lại"),
    "person": _("tài khoản"),
    "procedure": _("thủ tục"),
    "product": _("nông sản"),
    "refund": _("khoản hoàn"),
    "remote_commune": _("xã vùng xa"),
    "saved_address": _("địa chỉ đã lưu"),
    "service_point": _("điểm phục vụ"),
    "stock_hold": _("phần giữ hàng"),
    "tariff": _("biểu cước"),
    "tax_rule": _("quy định thuế"),
    "variant": _("quy cách"),
}
"""What a record is called, by its table."""

DEEDS: dict[str, Text] = {
    "call.begun": _("bắt đầu đặt đơn giúp người gọi điện (%(code)s)"),
    "collection_point.opened": _("mở điểm gom %(code)s"),
    "farm_order.freight_lowered": _("bớt cước cho đơn %(code)s"),
    "freight.differed": _("ghi cước chênh %(code)s"),
    "order.placed_for_caller": _("đặt đơn %(code)s giúp người gọi điện"),
    "parcel.brought_to": _("nhận bưu gửi %(code)s tại điểm gom"),
    "parcel.called": _("gọi người nhận bưu gửi %(code)s"),
    "parcel.disposed": _("hủy hàng hỏng của bưu gửi %(code)s"),
    "dossier.result_numbered": _("gửi kết quả hồ sơ %(code)s qua bưu điện"),
    "parcel.handed_in_elsewhere": _("nhận bưu gửi %(code)s ở bưu cục khác nơi đã chọn"),
    "parcel.takes_cash": _("bưu gửi %(code)s thu tiền thay gói đã mất"),
    "parcel.rebooked": _("đặt lại bưu gửi %(code)s"),
    "parcel.split": _("chia bưu gửi %(code)s"),
    "product.origin_changed": _("sửa nơi làm ra món %(code)s"),
    "service_point.corrected": _("sửa thông tin điểm phục vụ %(code)s"),
    "bank_notice.detached": _("gỡ khoản chuyển khoản %(code)s khỏi đơn"),
    "bank_statement.read": _("tải lên sao kê %(code)s"),
    "card_attempt.begun": _("mở trang trả thẻ %(code)s"),
    "card_dispute.opened": _("ghi khoản ngân hàng của khách đòi lại %(code)s"),
    "card_event.kept": _("giữ tin của công ty thẻ %(code)s chờ người xem"),
    "card_event.looked_at": _("xem tin của công ty thẻ %(code)s"),
    "certificate.reminded": _("nhắc giấy chứng nhận %(code)s sắp hết hạn"),
    "claim.came_back": _("ghi hàng trả lại của khiếu nại %(code)s đã về"),
    "claim.opened": _("gửi khiếu nại %(code)s"),
    "claim_rule.loaded": _("nạp quy định khiếu nại %(code)s ban đầu"),
    "complaint.received": _("gửi phản ánh %(code)s"),
    "correction.proposed": _("đề nghị điều chỉnh sổ %(code)s"),
    "document.written": _("lập chứng từ %(code)s"),
    "dossier.back_from_agency": _("nhận lại hồ sơ %(code)s từ cơ quan giải quyết"),
    "dossier.choose_return": _("chọn cách nhận kết quả hồ sơ %(code)s"),
    "dossier.yes_asked": _("hỏi người nộp có đồng ý nộp hồ sơ %(code)s"),
    "dossier.yes_typed": _("nhập mã đồng ý của người nộp hồ sơ %(code)s"),
    "dossier.extended": _("xin lỗi và hẹn lại hồ sơ %(code)s"),
    "dossier.fee_taken": _("thu lệ phí hồ sơ %(code)s"),
    "dossier.handed_to_agency": _("bàn giao hồ sơ %(code)s cho cơ quan giải quyết"),
    "dossier.reassigned": _("giao hồ sơ %(code)s cho người khác"),
    "farm.member_added": _("thêm người vào nhóm của nhà vườn %(code)s"),
    "farm.member_removed": _("cho người ra khỏi nhóm của nhà vườn %(code)s"),
    "farm.member_rights": _("đổi việc của người trong nhóm nhà vườn %(code)s"),
    "farm.revealed": _("xem số đầy đủ trong giấy tờ của nhà vườn %(code)s"),
    "farm_debt.forgiven": _("bỏ khoản nợ %(code)s của nhà vườn"),
    "farm_debt.paid_in": _("ghi nhà vườn trả khoản nợ %(code)s"),
    "farm_debt.write_off_asked": _("đề nghị xóa khoản nợ %(code)s của nhà vườn"),
    "farm_debt.written_off": _("duyệt xóa khoản nợ %(code)s của nhà vườn"),
    "farm_debt.written": _("ghi khoản nợ %(code)s của nhà vườn"),
    "goods_sheet.read": _("gửi danh sách hàng %(code)s"),
    "helped_order.drawn_up": _("chuẩn bị giúp lời nhận đơn (%(code)s)"),
    "helped_order.yes_typed": _("gõ mã đồng ý của nhà vườn cho đơn (%(code)s)"),
    "helped_order.agreed": _("nhà vườn đồng ý nhận đơn làm giúp (%(code)s)"),
    "helped_order.undone": _("nhà vườn lấy lại lời nhận đơn làm giúp (%(code)s)"),
    "helped_dossier.drawn_up": _("soạn giúp hồ sơ mở gian hàng (%(code)s)"),
    "helped_dossier.yes_typed": _("gõ mã đồng ý của chủ hộ cho hồ sơ (%(code)s)"),
    "helped_listing.yes_typed": _("gõ mã đồng ý của chủ hàng cho món (%(code)s)"),
    "helped_listing.drawn_up": _("soạn giúp một món (%(code)s)"),
    "learner.attended": _("ghi học viên %(code)s có mặt"),
    "learner.listed": _("ghi tên học viên %(code)s vào lớp"),
    "learner.missed": _("bỏ ghi có mặt của học viên %(code)s"),
    "learner.nudged": _("nhắc học viên %(code)s"),
    "ledger.month_closed": _("khóa sổ một tháng (%(code)s)"),
    "listing_policy.loaded": _("nạp quy định xem món mới %(code)s ban đầu"),
    "listing_review.asked": _("gửi món chờ người của chợ xem (%(code)s)"),
    "listing_rule.loaded": _("nạp quy định đăng hàng %(code)s ban đầu"),
    "lot.expired": _("ngừng bán lô %(code)s đã hết hạn"),
    "lot.recalled": _("thu hồi lô %(code)s"),
    "lot.seen_off": _("báo người mua về lô %(code)s bị thu hồi"),
    "manifest.taken_off": _("bỏ bưu gửi khỏi bản kê %(code)s"),
    "parcel.numbered": _("ghi số của hãng cho bưu gửi %(code)s"),
    "payment.accepted": _("nhận khoản tiền %(code)s"),
    "payment.repriced": _("tính lại khoản tiền %(code)s"),
    "payment.rest_asked": _("nhắn khách chuyển nốt khoản %(code)s"),
    "payment.write_off_asked": _("đề nghị xóa khoản %(code)s"),
    "payout.compensation": _("ghi bồi thường cho nhà vườn (%(code)s)"),
    "payout_batch.sum_approved": _("duyệt tổng danh sách trả tiền %(code)s"),
    "payout_slip.new_code": _("cấp mã nhận tiền mới cho phiếu %(code)s"),
    "product.counted_by": _("đổi cách đếm kho của món %(code)s"),
    "product.duplicated": _("chép món %(code)s thành món mới"),
    "product.heap_corrected": _("sửa số của cả đống hàng món %(code)s"),
    "product.imported": _("nhập món %(code)s từ danh sách"),
    "product.received": _("nhập kho cho món %(code)s"),
    "product.renamed": _("đổi tên món %(code)s"),
    "product.sold_between": _("đặt mùa bán cho món %(code)s"),
    "refund.card_refused": _("ghi khoản hoàn về thẻ %(code)s bị từ chối"),
    "remittance.read": _("tải lên danh sách nộp tiền %(code)s"),
    "stock_hold.lessened": _("bớt phần giữ hàng %(code)s"),
    "stock_hold.weighed": _("ghi cân thật cho phần giữ hàng %(code)s"),
    "tax_rule.approved": _("duyệt quy định thuế %(code)s"),
    "till.passed_on": _("giao ngăn quỹ %(code)s cho người khác"),
    "till.opened": _("mở quỹ %(code)s"),
    "training_class.assistant_added": _("thêm cán bộ giúp lớp %(code)s"),
    "training_class.assistant_removed": _("bớt cán bộ giúp lớp %(code)s"),
    "training_class.changed": _("sửa lớp %(code)s"),
    "training_class.handed_over": _("giao lớp %(code)s cho cán bộ khác"),
    "training_class.planned": _("mở lớp %(code)s"),
    "variant.limited": _("đặt số lượng mỗi đơn cho quy cách %(code)s"),
    "own_words.add": _("thêm nhóm từ cùng nghĩa %(code)s"),
    "own_words.take_off": _("bỏ nhóm từ cùng nghĩa %(code)s"),
    "answer_rule.loaded": _("nạp quy định trả lời đơn %(code)s ban đầu"),
    "bank_notice.attached": _("gắn khoản chuyển khoản %(code)s vào đơn"),
    "bank_notice.kept": _("giữ lại khoản chuyển khoản %(code)s chờ người xem"),
    "certificate.looked_at": _("mở xem giấy chứng nhận %(code)s"),
    "certificate.submitted": _("gửi giấy chứng nhận %(code)s"),
    "code_slip.handed_out": _("phát tờ mã %(code)s"),
    "code_slip.used": _("dùng một số của tờ mã %(code)s"),
    "code_slip.voided": _("hủy tờ mã %(code)s"),
    "consent.paper_viewed": _("xem giấy đồng ý đã ký (%(code)s)"),
    "consent.signed_on_paper": _("giữ giấy đồng ý có chữ ký (%(code)s)"),
    "consent.asked": _("xin người bán đồng ý cho giúp (%(code)s)"),
    "demo.complete": _("bày xong chợ mẫu"),
    "dossier.add_paper": _("gửi giấy tờ vào hồ sơ %(code)s"),
    "dossier.describe": _("sửa thông tin hồ sơ %(code)s"),
    "dossier.brought_to_counter": _("làm tiếp hồ sơ %(code)s tại quầy"),
    "dossier.open": _("mở hồ sơ %(code)s"),
    "dossier.view_paper": _("mở xem giấy tờ của hồ sơ %(code)s"),
    "farm.change_bank_account": _("đổi nơi nhận tiền của nhà vườn %(code)s"),
    "farm.describe": _("sửa lời giới thiệu nhà vườn %(code)s"),
    "farm.save_address": _("ghi địa chỉ nhà vườn %(code)s"),
    "farm.save_farm": _("ghi thông tin nhà vườn %(code)s"),
    "farm.save_payment": _("ghi nơi nhận tiền của nhà vườn %(code)s"),
    "farm.save_who": _("ghi người đứng tên nhà vườn %(code)s"),
    "farm.start": _("bắt đầu mở nhà vườn %(code)s"),
    "door_appeal.asked": _("nhờ chợ xem lại việc trả khi nhận %(code)s"),
    "door_rule.adopted": _("thêm quy định trả khi nhận %(code)s"),
    "farm_order.short": _("ghi giao thiếu hoặc cân thật của đơn %(code)s"),
    "farm_order.called": _("gọi nhà vườn về đơn %(code)s"),
    "farm_order.packed": _("đóng gói xong đơn %(code)s"),
    "farm_order.parcels_differ": _("ghi nhận các kiện của đơn %(code)s đi hai ngả"),
    "farm_order.reminded": _("nhắc nhà vườn trả lời đơn %(code)s"),
    "farm_order.restocked": _("xem hàng hoàn của đơn %(code)s và nhập lại kho"),
    "fee_rule.loaded": _("nạp quy định phí %(code)s ban đầu"),
    "invitation.accepted": _("nhận lời mời %(code)s"),
    "invitation.sent": _("gửi lời mời %(code)s"),
    "invitation.withdrawn": _("rút lời mời %(code)s"),
    "lot.added": _("thêm lô hàng %(code)s"),
    "order_.placed": _("đặt đơn %(code)s"),
    "order.word_given": _("xác nhận đơn %(code)s"),
    "voucher.made": _("tạo mã giảm giá %(code)s"),
    "voucher.used": _("dùng mã giảm giá %(code)s"),
    "order.placed": _("đặt đơn %(code)s"),
    "outbox_job.tried_again": _("cho chạy lại một việc nền"),
    "parcel.weighed": _("cân lại bưu gửi %(code)s"),
    "payment.accepted_by_hand": _("nhận bằng tay khoản tiền %(code)s"),
    "payout.owed": _("ghi khoản phải trả nhà vườn %(code)s"),
    "payout_batch.downloaded": _("tải danh sách trả tiền %(code)s"),
    "payout_batch.prepared": _("lập danh sách trả tiền %(code)s"),
    "person.added": _("tạo tài khoản %(code)s"),
    "person.blocked": _("khóa tài khoản %(code)s"),
    "person.email_claimed": _("khai e-mail cho tài khoản %(code)s"),
    "person.email_removed": _("bỏ e-mail của tài khoản %(code)s"),
    "person.email_verified": _("xác nhận e-mail của tài khoản %(code)s"),
    "person.forgotten": _("xóa dữ liệu cá nhân của tài khoản %(code)s"),
    "person.money_refused": _("tìm cách tới tiền của người mình giúp (%(code)s), bị từ chối"),
    "person.helped_to_sign_in": _("cấp mã đăng nhập tại quầy cho tài khoản %(code)s"),
    "person.link_made": _("tạo đường dẫn đăng nhập cho tài khoản %(code)s"),
    "person.link_used": _("đăng nhập tài khoản %(code)s bằng đường dẫn"),
    "person.password_set": _("đổi mật khẩu tài khoản %(code)s"),
    "person.phone_claimed": _("khai số điện thoại cho tài khoản %(code)s"),
    "person.phone_lost": _("gỡ số điện thoại khỏi tài khoản %(code)s vì người khác đã chứng minh là của họ"),
    "person.phone_verified": _("xác nhận số điện thoại của tài khoản %(code)s"),
    "person.post_given": _("giao nơi làm việc cho tài khoản %(code)s"),
    "person.post_left": _("gỡ nơi làm việc của tài khoản %(code)s"),
    "person.registered": _("đăng ký tài khoản %(code)s"),
    "person.channel_chosen": _("chọn cách nhận tin của tài khoản %(code)s"),
    "person.renamed": _("đổi tên tài khoản %(code)s"),
    "person.role_given": _("giao việc cho tài khoản %(code)s"),
    "person.role_taken": _("lấy lại việc của tài khoản %(code)s"),
    "person.session_ended": _("kết thúc một phiên đăng nhập của tài khoản %(code)s"),
    "person.sessions_ended": _("kết thúc mọi phiên đăng nhập của tài khoản %(code)s"),
    "person.signed_in": _("đăng nhập tài khoản %(code)s"),
    "person.unblocked": _("mở khóa tài khoản %(code)s"),
    "procedure.load": _("nạp thủ tục %(code)s"),
    "procedure.reworded": _("sửa lời thủ tục %(code)s chưa có hiệu lực"),
    "product.described": _("sửa mô tả nông sản %(code)s"),
    "product.drafted": _("bắt đầu đăng nông sản %(code)s"),
    "product.marked_as_illustration": _("đánh dấu nông sản %(code)s là minh họa"),
    "product.photo_brought_back": _("lấy lại một hình của nông sản %(code)s"),
    "product.photo_removed": _("gỡ một hình của nông sản %(code)s"),
    "product.photos_added": _("thêm hình cho nông sản %(code)s"),
    "product.photos_ordered": _("xếp lại hình của nông sản %(code)s"),
    "claim_rule.adopted": _("đề nghị thời hạn khiếu nại %(code)s"),
    "claim_rule.approved": _("duyệt thời hạn khiếu nại %(code)s"),
    "claim_rule.dropped": _("bỏ thời hạn khiếu nại %(code)s"),
    "keeping_rule.adopted": _("đề nghị thời hạn lưu %(code)s"),
    "keeping_rule.approved": _("duyệt thời hạn lưu %(code)s"),
    "keeping_rule.dropped": _("bỏ thời hạn lưu %(code)s"),
    "refund_account.told": _("ghi tài khoản nhận hoàn tiền %(code)s"),
    "refund_account.changed": _("đổi tài khoản nhận hoàn tiền %(code)s"),
    "refund_batch.prepared": _("lập danh sách chuyển lại %(code)s"),
    "refund_batch.downloaded": _("tải danh sách chuyển lại %(code)s"),
    "remittance_line.carrier_asked": _("ghi đã hỏi bưu điện về khoản thừa %(code)s"),
    "remittance_line.return_asked": _("đề nghị trả lại bưu điện khoản thừa %(code)s"),
    "remittance_line.return_withdrawn": _("rút đề nghị trả lại khoản thừa %(code)s"),
    "remittance_line.returned": _("trả lại bưu điện khoản thừa %(code)s"),
    "fee_payment.remitted": _("ghi bưu điện nộp lệ phí %(code)s"),
    "till.fee": _("thu lệ phí hồ sơ vào quỹ %(code)s"),
    "refund.due": _("ghi khoản phải hoàn %(code)s"),
    "saved_address.removed": _("xóa địa chỉ đã lưu %(code)s"),
    "saved_address.saved": _("lưu địa chỉ %(code)s"),
    "service_point.exception_dropped": _("bỏ ngày đặc biệt của điểm phục vụ %(code)s"),
    "service_point.exception_made": _("ghi ngày đặc biệt của điểm phục vụ %(code)s"),
    "service_point.hours_changed": _("đổi giờ mở cửa của điểm phục vụ %(code)s"),
    "service_point.opened": _("mở điểm phục vụ %(code)s"),
    "service_point.pickups_changed": _("đổi các xã lấy hàng của điểm phục vụ %(code)s"),
    "tariff.loaded": _("nạp biểu cước %(code)s ban đầu"),
    "tax_rule.loaded": _("nạp quy định thuế %(code)s ban đầu"),
    "variant.added": _("thêm quy cách %(code)s"),
    "variant.brought_back": _("bán lại quy cách %(code)s"),
    "variant.corrected": _("đếm lại hàng của quy cách %(code)s"),
    "variant.priced": _("đổi giá quy cách %(code)s"),
    "variant.received": _("nhập thêm hàng của quy cách %(code)s"),
    "variant.removed": _("gỡ quy cách %(code)s"),
}

ENDINGS: dict[str, Text] = {
    "adopted": _("thêm %(what)s %(code)s"),
    "dropped": _("bỏ %(what)s %(code)s chưa có hiệu lực"),
    "ended": _("cho %(what)s %(code)s hết hiệu lực"),
    "loaded": _("nạp %(what)s %(code)s ban đầu"),
}
"""Verbs that many records share, by their last word."""

ACTORS: dict[str, Text] = {
    "guest": _("Khách"),
    "system": _("Hệ thống"),
    "carrier": _("Đơn vị vận chuyển"),
    "bank": _("Ngân hàng"),
    "person": _("Người không còn tài khoản"),
}

DETAILS: dict[str, Text] = {
    "after": _("sau"),
    "before": _("trước"),
    "declared": _("cân khai, gam"),
    "end": _("số cuối"),
    "farms": _("số nhà vườn"),
    "grams": _("cân lại, gam"),
    "is_good": _("hàng còn tốt"),
    "kind": _("loại"),
    "lot": _("lô"),
    "method": _("cách"),
    "moved": _("đổi tình trạng"),
    "paper": _("giấy"),
    "payment": _("khoản"),
    "person": _("người"),
    "photo": _("hình"),
    "problem": _("vì"),
    "procedure": _("thủ tục"),
    "quantity": _("số lượng"),
    "received_dong": _("đã nhận"),
    "scope": _("việc"),
    "time": _("lần"),
    "amount_dong": _("số tiền"),
    "cause": _("vì"),
    "changed": _("đã đổi"),
    "commune": _("xã"),
    "communes": _("các xã"),
    "count": _("số lượng"),
    "day": _("ngày"),
    "hours": _("giờ"),
    "job": _("việc"),
    "name": _("tên"),
    "origin": _("từ"),
    "point": _("điểm"),
    "price_before_dong": _("giá cũ"),
    "price_dong": _("giá mới"),
    "reason": _("lý do"),
    "role": _("việc"),
    "total_dong": _("tổng"),
    "valid_from": _("từ ngày"),
    "valid_to": _("đến hết ngày"),
    "why": _("lý do"),
}


def deed(verb: str, code: str) -> Text:
    """What was done to the record, as it stands after a person's name: “đổi giờ mở cửa của điểm phục vụ BC…”."""
    table, _dot, ending = verb.partition(".")
    if verb in DEEDS:
        return Text(DEEDS[verb].text, {"code": code})
    what = NOUNS.get(table, _("mục"))
    if ending in ENDINGS:
        return Text(ENDINGS[ending].text, {"what": what, "code": code})
    if ending.startswith("scan."):
        state = _states().get("parcel", {}).get(ending.removeprefix("scan."))
        return _("quét bưu gửi %(code)s: %(state)s", code=code, state=state.label if state else ending)
    state = _states().get(table, {}).get(ending)
    if state is not None:
        return _("chuyển %(what)s %(code)s sang “%(state)s”", what=what, code=code, state=state.label)
    return _("làm “%(verb)s” với %(what)s %(code)s", verb=verb, what=what, code=code)


def is_worded(verb: str) -> bool:
    """Does the trail have a sentence for this verb?"""
    return "%(verb)s" not in deed(verb, "").text


def state_label(table: str, value: str) -> Text | str:
    """A state's words by the table and the value written in the trail."""
    state = _states().get(table, {}).get(value)
    return state.label if state is not None else value


@lru_cache(maxsize=1)
def _states() -> Mapping[str, Mapping[str, State]]:
    """Every life in the house: table → value → state."""
    found: dict[str, Mapping[str, State]] = {}
    for mapper in db.Model.registry.mappers:  # type: ignore[attr-defined]
        moves: Any = getattr(mapper.class_, "MOVES", None)
        if moves:
            kind = type(next(iter(moves)))
            found[mapper.class_.__tablename__] = {state.value: state for state in kind}
    return found


def percent(per_10_000: int) -> str:
    """`1,5` of 150 hundredths of a percent."""
    return f"{per_10_000 / 100:.2f}".rstrip("0").rstrip(".").replace(".", ",")


def sharing_levels(steps: Sequence[Sequence[int]]) -> str:
    """A level a line, as it is typed: `2: 5`, from two farms on 5 %."""
    return "\n".join(f"{farms}: {percent(rate)}" for farms, rate in steps)


# -- jobs ---------------------------------------------------------------------------------------------------------

JOBS: dict[str, Text] = {
    "catalog.expire_holds": _("Trả lại hàng giữ cho đơn quá giờ xác nhận"),
    "catalog.expire_lots": _("Ngừng bán lô đã qua hạn dùng"),
    "catalog.write_sheet": _("Ghi tiếp danh sách hàng người bán gửi lên"),
    "claims.forget_old": _("Xóa tên khỏi phản ánh đã trả lời từ lâu"),
    "claims.keep_deadlines": _("Giữ thời hạn khiếu nại và phản ánh"),
    "payments.close_card_page": _("Đóng trang trả thẻ đã hết giờ"),
    "payments.send_card_refund": _("Hoàn tiền về thẻ của khách"),
    "payments.settle_card_event": _("Ghi tin của công ty thẻ vào sổ"),
    "shipping.book_outside": _("Báo bưu gửi cho hãng vận chuyển"),
    "shipping.cancel_outside": _("Báo hãng vận chuyển hủy bưu gửi"),
    "shipping.chase_silent": _("Hỏi hãng về bưu gửi lâu không ai thấy"),
    "shipping.forget_kept_quotes": _("Bỏ giá cước hãng báo đã hết hạn"),
    "shipping.take_word": _("Ghi tin của hãng vận chuyển"),
    "uploads.clear_old": _("Dọn hình gửi dở quá một ngày"),
    "accounts.clear_stale": _("Dọn mã, phiên đăng nhập và lời mời đã quá hạn"),
    "catalog.clear_removed_photos": _("Xóa hẳn hình đã gỡ"),
    "catalog.count_sales": _("Đếm số đã bán của từng món"),
    "catalog.lapse_certificates": _("Cho giấy chứng nhận hết hạn thôi hiện sao"),
    "checkout.finish_placings": _("Làm nốt việc của đơn vừa đặt"),
    "farmers.end_holidays": _("Gian hàng hết kỳ nghỉ bán lại"),
    "catalog.watch_certificates": _("Nhắc giấy chứng nhận sắp hết hạn"),
    "checkout.forget_old_carts": _("Dọn giỏ hàng bỏ quên"),
    "files.make_sizes": _("Làm các cỡ hình"),
    "files.remove_paper": _("Xóa giấy tờ riêng"),
    "files.remove_photo": _("Xóa hình"),
    "notifications.clear_old": _("Dọn tin nhắn cũ"),
    "notifications.deliver": _("Gửi tin nhắn, e-mail"),
    "orders.ask_for_call": _("Nhờ nhà vườn gọi khách mới"),
    "orders.ask_for_word": _("Gửi khách mới mã xác nhận đơn"),
    "orders.expire_unpaid": _("Hủy đơn chờ chuyển khoản hoặc chờ xác nhận quá lâu"),
    "orders.forget_old": _("Xóa thông tin riêng của đơn đã xong từ lâu"),
    "orders.remind_farms": _("Nhắc nhà vườn chưa trả lời đơn"),
    "payments.batch_due": _("Lập danh sách trả tiền nhà vườn"),
    "payments.settle_notice": _("Ghép khoản chuyển khoản vào đơn"),
    "shipping.remind_of_waiting": _("Nhắc người mua tới bưu cục lấy hàng"),
    "shipping.leave_unclaimed": _("Cho hoàn bưu gửi không ai nhận"),
    "search.follow": _("Cập nhật kết quả tìm kiếm"),
    "search.rebuild": _("Dựng lại bộ tìm kiếm"),
    "storefront.forget_old_words": _("Xóa số đếm từ khóa cũ hơn hai năm"),
    "shipping.call_for_perishables": _("Gọi người nhận hàng tươi đang chờ tại bưu cục"),
    "shipping.close_runs": _("Chốt chuyến gom hàng còn mở và chia phần cước giảm"),
    "storefront.grant_wishes": _("Nhắn người đợi khi đã có món họ tìm"),
}


def job(name: str) -> Text | str:
    """What a job does, in words; its name where nobody gave it any."""
    return JOBS.get(name, name)


def when(fields: Mapping[str, str]) -> Text | str:
    """The hours of a schedule's row: “hằng ngày lúc 02:30”, “mỗi 5 phút”."""
    minute, hour = fields.get("minute", "*"), fields.get("hour", "*")
    if set(fields) <= {"minute", "hour"}:
        if minute.isdigit() and hour.isdigit():
            return _("hằng ngày lúc %(hour)s", hour=f"{int(hour):02}:{int(minute):02}")
        if minute.isdigit() and hour == "*":
            return _("mỗi giờ, vào phút %(minute)s", minute=minute)
        if minute.startswith("*/") and hour == "*":
            return _("mỗi %(minutes)s phút", minutes=minute[2:])
        if minute == "*" and hour == "*":
            return _("mỗi phút")
    return " ".join(f"{name} {value}" for name, value in fields.items())
