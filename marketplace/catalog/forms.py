"""What a farmer may type about goods, and what a reviewer writes about a proof."""

import re
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import StopValidation

from marketplace.catalog import importing, ocop
from marketplace.catalog.amounts import (
    GRAMS,
    KILOS,
    LITRES,
    MILLILITRES,
    PIECES,
    heap_factor,
    pack_details,
    read_amount,
    show_amount,
    whole_heap,
)
from marketplace.catalog.listing import GridRow
from marketplace.catalog.models import (
    CERTIFICATE_WORDS,
    EVIDENCE_WORDS,
    HANDLING_WORDS,
    STOCK_BY_WORDS,
    CertificateKind,
    Evidence,
    Handling,
    Product,
    StockBy,
    Variant,
)
from marketplace.catalog.service import MOST_PHOTOS, PackDetails, odd_price
from marketplace.catalog.sheet_models import GoodsSheet
from marketplace.foundation.form import (
    ChoiceField,
    DayField,
    DongField,
    Form,
    GramsField,
    LineField,
    OnceField,
    PaperField,
    PhotosField,
    PickField,
    ProseField,
    SeveralField,
    WholeField,
    YesField,
    message,
)
from marketplace.foundation.words import Text, _

OTHER = "other"


class PhotosForm(Form):
    """Pictures of what is sold."""

    photos = PhotosField(
        _("Hình chụp món hàng"),
        most=MOST_PHOTOS,
        must=_("Hãy chụp hoặc chọn ít nhất một tấm hình."),
        description=_("Chụp ngoài trời sáng, thấy rõ món hàng. Chọn được nhiều tấm một lần."),
    )


class DetailsForm(Form):
    """What it is."""

    name = LineField(
        _("Tên món"),
        max=120,
        must=_("Hãy ghi tên món."),
        description=_("Như bạn vẫn gọi khi bán. Ví dụ: Chè búp Tân Cương."),
    )
    set_no = PickField(
        _("Loại hàng"),
        must=_("Hãy chọn loại hàng."),
        choices=[*((str(found.no), found.slug) for found in ocop.sets()), (OTHER, OTHER)],
    )
    is_own_unprocessed = YesField(
        _("Nhà tôi tự trồng, nuôi hoặc đánh bắt, chưa chế biến"),
        description=_(
            "Ví dụ rau, quả, cá tươi, gạo, chè búp khô nhà làm. Mục này quyết định cách tính thuế."
        ),
    )

    @property
    def chosen_set(self) -> int | None:
        return None if self.set_no.data == OTHER else int(self.set_no.data)


UNITS: list[tuple[str, Text]] = [
    (GRAMS, _("gam (g)")),
    (KILOS, _("ki-lô-gam (kg)")),
    (MILLILITRES, _("mi-li-lít (ml)")),
    (LITRES, _("lít (l)")),
    (PIECES, _("cái, con, chiếc")),
]
BAD_AMOUNT = _("Hãy ghi một số, ví dụ 500 hoặc 1,5.")


class AmountField(LineField):
    """How much is in a pack: `500`, `1,5`, `0.75`, `1.000`. `.number` is a Decimal once it was read."""

    number: Decimal | None = None

    def pre_validate(self, form: Any) -> None:
        if self.data:
            self.number = read_amount(self.data)
            if self.number is None:
                raise StopValidation(message(BAD_AMOUNT))


class PriceForm(Form):
    """A form with prices: one far from what such goods cost is asked about first."""

    is_sure = YesField(_("Giá này đúng rồi, cứ đăng"))
    asks_if_sure = False

    def is_sensible(self, set_no: int | None, pack: PackDetails, name: str = "price_dong") -> bool:
        """Is the price like that of such goods, or does the farmer say it is right?"""
        odd = None if self.is_sure.data else odd_price(set_no, pack)
        if odd is None:
            return True
        self[name].errors = [*self[name].errors, odd.sentence]
        self.asks_if_sure = True
        return False


class PackForm(PriceForm):
    """One pack: how much is in it, what it costs, what it weighs."""

    amount = AmountField(
        _("Trong gói có"),
        max=12,
        must=_("Hãy ghi gói này có bao nhiêu."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )
    unit = ChoiceField(_("Tính bằng"), choices=UNITS, must=_("Hãy chọn cách tính."), default=GRAMS)
    price_dong = DongField(
        _("Giá một gói"), must=_("Hãy ghi giá bán."), description=_("Ví dụ 145.000 hoặc 145k.")
    )
    name = LineField(
        _("Tên gói"), max=80, description=_("Ví dụ: Hộp thiếc 100 g. Để trống thì chợ ghi theo cỡ gói.")
    )
    weight_grams = GramsField(
        _("Cân nặng cả bao bì"),
        most=2_000_000,
        description=_(
            "Để trống thì chợ tính thêm bao bì bằng một phần mười, ít nhất 50 g. Hàng bán theo cái thì cần ghi."
        ),
    )
    length_cm = WholeField(_("Dài"), least=1, most=300)
    width_cm = WholeField(_("Rộng"), least=1, most=300)
    height_cm = WholeField(_("Cao"), least=1, most=300)

    @classmethod
    def of(cls, pack: Variant, **options: Any) -> "PackForm":
        """The form with what the pack has now."""
        if pack.grams:
            amount, unit = (pack.grams, GRAMS) if pack.grams < 1000 else (pack.grams, KILOS)
        elif pack.millilitres:
            amount, unit = (
                (pack.millilitres, MILLILITRES) if pack.millilitres < 1000 else (pack.millilitres, LITRES)
            )
        else:
            amount, unit = pack.pieces or 1, PIECES
        return cls(
            data={
                "amount": show_amount(Decimal(amount) / (1000 if unit in (KILOS, LITRES) else 1)),
                "unit": unit,
                "price_dong": pack.price_dong,
                "name": pack.name,
                "weight_grams": pack.weight_grams or None,
                "length_cm": _centimetres(pack.length_mm),
                "width_cm": _centimetres(pack.width_mm),
                "height_cm": _centimetres(pack.height_mm),
            },
            **options,
        )

    def details(self) -> PackDetails:
        """What was typed as a pack; Refusal when it is no whole gram, millilitre or piece."""
        made = pack_details(self.amount.number, self.unit.data, self.price_dong.data, self.weight_grams.data)
        return replace(
            made,
            name=self.name.data or "",
            length_mm=_millimetres(self.length_cm.data),
            width_mm=_millimetres(self.width_cm.data),
            height_mm=_millimetres(self.height_cm.data),
        )


def _set_choices() -> list[tuple[str, Any]]:
    sets = [(str(one.no), one.name) for one in ocop.sets()]
    return [("", _("Chợ tự chọn theo tên món")), *sets, (OTHER, ocop.OTHER_GROUP.name)]


class ListingForm(PriceForm):
    """Everything on one page, photo first. Pictures may have come already, piece by piece."""

    once = OnceField()
    photos = PhotosField(
        _("Hình chụp món hàng"),
        most=MOST_PHOTOS,
        description=_("Chụp ngoài trời sáng, thấy rõ món hàng. Chọn được nhiều tấm một lần."),
    )
    name = LineField(
        _("Tên món"), max=120, must=_("Hãy ghi tên món."),
        description=_("Như bạn vẫn gọi khi bán. Ví dụ: Chè búp Tân Cương."),
    )  # fmt: skip
    set_no = ChoiceField(_("Loại hàng"), choices=[])
    amount = AmountField(
        _("Trong gói có"), max=12, must=_("Hãy ghi gói này có bao nhiêu."),
        render_kw={"inputmode": "decimal", "autocomplete": "off"},
    )  # fmt: skip
    unit = ChoiceField(_("Tính bằng"), choices=[], must=_("Hãy chọn cách tính."), default="g")
    price_dong = DongField(
        _("Giá một gói"), must=_("Hãy ghi giá bán."), description=_("Ví dụ 145.000 hoặc 145k.")
    )
    quantity = WholeField(
        _("Có sẵn mấy gói"), least=0, most=100_000, must=_("Ghi có sẵn mấy gói; chưa có thì ghi 0.")
    )
    weight_grams = GramsField(
        _("Cân nặng cả bao bì"), most=2_000_000, description=_("Chỉ cần ghi khi bán theo cái.")
    )
    harvested_on = DayField(_("Thu hoạch hoặc làm ra ngày"), description=_("Người mua thấy ngày này."))
    is_own_unprocessed = YesField(_("Nhà tôi tự trồng, nuôi hoặc đánh bắt, chưa chế biến"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.set_no.choices = _set_choices()
        self.unit.choices = UNITS

    @property
    def only_photos(self) -> bool:
        """Only pictures were sent: the product goes on step by step."""
        has_price = bool(self.price_dong.raw_data and self.price_dong.raw_data[0])
        return bool(self.photos.data) and not self.name.data and not has_price

    def details(self) -> PackDetails:
        """What was typed as a pack."""
        return pack_details(self.amount.number, self.unit.data, self.price_dong.data, self.weight_grams.data)


def _millimetres(centimetres: int | None) -> int | None:
    return None if centimetres is None else centimetres * 10


def _centimetres(millimetres: int | None) -> int | None:
    return None if millimetres is None else -(-millimetres // 10)


class SupplyForm(Form):
    """What came in: how much of each pack, from which day. Made for one product by `supply_form`."""

    once = OnceField()
    harvested_on = DayField(
        _("Thu hoạch hoặc làm ra ngày"),
        description=_("Người mua thấy ngày này. Để trống nếu hàng không có ngày."),
    )
    use_by = DayField(_("Dùng tốt nhất đến ngày"))
    note = LineField(_("Ghi chú của đợt này"), max=300, description=_("Ví dụ: chè xuân, hái tay."))
    heap = AmountField(
        _("Thêm vào cả đống"), max=16, render_kw={"inputmode": "decimal", "autocomplete": "off"}
    )
    packs: list[Variant]
    product: Product

    def quantities(self) -> dict[Variant, int]:
        """How many more of each pack."""
        return {pack: self[_field(pack)].data or 0 for pack in self.packs if _field(pack) in self}

    def heap_amount(self) -> int:
        """How much more lies on the heap, in its own unit."""
        return whole_heap(self.heap.number, self.product) or 0


class StockForm(Form):
    """How many there really are, counted by hand. Made for one product by `stock_form`; of a heap, how much in
    kilograms, litres or pieces."""

    packs: list[Variant]
    product: Product
    heap = AmountField(_("Cả đống có"), max=16, render_kw={"inputmode": "decimal", "autocomplete": "off"})
    seen_heap = HiddenField()

    def heap_count(self) -> int | None:
        """What the whole heap was weighed to, in its own unit; none when nothing else was typed."""
        whole = whole_heap(self.heap.number, self.product)
        return whole if whole != self.seen_heap.data else None

    def counts(self) -> Iterable[tuple[Variant, int, int | None]]:
        """Pack, what was counted, what the page showed."""
        for pack in self.packs:
            if _field(pack) in self:
                yield pack, self[_field(pack)].data, self[f"seen-{pack.code}"].data


def _field(pack: Variant) -> str:
    return f"quantity-{pack.code}"


def supply_form(product: Product, **options: Any) -> SupplyForm:
    """How many more of each of the product's packs; of a heap, how much more of it."""
    form = type("SupplyForm", (SupplyForm,), {})
    for pack in () if product.stock_by is StockBy.HEAP else product.packs:
        setattr(form, _field(pack), WholeField(pack.name, least=0, most=100_000, render_kw={"data-less": ""}))
    made: SupplyForm = form(**options)
    made.packs, made.product = product.packs, product
    return made


def stock_form(product: Product, **options: Any) -> StockForm:
    """How many there are of each of the product's packs, with the number the page shows."""
    form = type("StockForm", (StockForm,), {})
    is_heap = product.stock_by is StockBy.HEAP
    setattr(form, "seen_heap", SeenField(default=product.heap_on_hand))  # noqa: B010
    for pack in () if is_heap else product.packs:
        setattr(
            form,
            _field(pack),
            WholeField(
                pack.name,
                least=0,
                most=1_000_000,
                must=_("Hãy ghi số lượng, hết hàng thì ghi 0."),
                default=pack.on_hand,
            ),
        )
        setattr(form, f"seen-{pack.code}", SeenField(default=pack.on_hand))
    heap = show_amount(Decimal(product.heap_on_hand) / heap_factor(product)) if is_heap else None
    made: StockForm = form(data={"heap": heap}, **options)
    made.packs, made.product = product.packs, product
    return made


class CountingForm(Form):
    """How the stock is counted. Made for one product by `counting_form`."""

    packs: list[Variant]
    stock_by = PickField(
        _("Đếm kho thế nào"), choices=[(how.value, STOCK_BY_WORDS[how]) for how in StockBy],
        must=_("Hãy chọn cách đếm kho."),
        description=_("Gạo, chè, mật bán nhiều cỡ gói từ một đống thì chọn lấy chung."),
    )  # fmt: skip
    daily_capacity = WholeField(_("Mỗi ngày nhận tối đa"), least=1, most=1_000_000)
    lead_days = WholeField(_("Làm trong"), least=0, most=60)
    sale_from = DayField(_("Bắt đầu bán ngày"), description=_("Bán quanh năm thì để trống."))
    sale_until = DayField(_("Bán đến hết ngày"))

    def limits(self) -> Iterable[tuple[Variant, int, int | None]]:
        """Pack, the least and the most of an order."""
        for pack in self.packs:
            yield pack, self[f"least-{pack.code}"].data or 1, self[f"most-{pack.code}"].data


def counting_form(product: Product, **options: Any) -> CountingForm:
    """How this product is counted now."""
    form = type("CountingForm", (CountingForm,), {})
    for pack in product.packs:
        least = WholeField(_("Mỗi đơn ít nhất"), least=1, most=10_000, default=pack.least_per_order)
        setattr(form, f"least-{pack.code}", least)
        most = WholeField(_("Mỗi đơn nhiều nhất"), least=1, most=100_000, default=pack.most_per_order)
        setattr(form, f"most-{pack.code}", most)
    made: CountingForm = form(
        data={
            "stock_by": product.stock_by.value, "daily_capacity": product.daily_capacity,
            "lead_days": product.lead_days, "sale_from": product.sale_from, "sale_until": product.sale_until,
        },
        **options,
    )  # fmt: skip
    made.packs = product.packs
    return made


class SeenField(HiddenField):
    """The number the page showed, sent back; anything odd counts as not seen."""

    def _value(self) -> str:
        return str(self.data)

    def process_formdata(self, valuelist: list[Any]) -> None:
        typed = valuelist[0] if valuelist else ""
        self.data = int(typed) if re.fullmatch(r"\d{1,9}", typed) else -1


MONTHS = [(str(month), _("Tháng %(n)s", n=month)) for month in range(1, 13)]


class StoryForm(Form):
    """What else a buyer wants to know."""

    description = ProseField(
        _("Giới thiệu"), max=5000, description=_("Trồng ở đâu, làm thế nào, ngon ra sao. Kể như nói với khách quen."),
        render_kw={"rows": 6},
    )  # fmt: skip
    handling = PickField(
        _("Hàng này khi gửi đi"), choices=[(kind.value, HANDLING_WORDS[kind]) for kind in Handling],
        must=_("Hãy chọn hàng thuộc loại nào khi gửi đi."),
        description=_("Bưu điện chọn cách gửi theo mục này."),
    )  # fmt: skip
    ingredients = ProseField(_("Thành phần"), max=1000, render_kw={"rows": 2})
    storage = LineField(_("Cách bảo quản"), max=300, description=_("Ví dụ: nơi khô mát, tránh nắng."))
    shelf_life_days = WholeField(_("Hạn dùng kể từ ngày làm ra"), least=1, most=3650)
    season_months = SeveralField(
        _("Mùa thu hoạch"), choices=MONTHS, description=_("Có quanh năm thì để trống.")
    )


class CertificateForm(Form):
    """A proof of a product. OCOP asks for stars, other kinds for their own last day."""

    kind = HiddenField()
    number = LineField(_("Số trên giấy"), max=60, must=_("Hãy ghi số trên giấy."))
    issuer = LineField(
        _("Nơi cấp"), max=160, must=_("Hãy ghi nơi cấp giấy."), description=_("Ví dụ: UBND tỉnh Thái Nguyên.")
    )
    issued_on = DayField(_("Ngày cấp"), must=_("Hãy ghi ngày cấp."))
    stars = ChoiceField(
        _("Số sao"), choices=[("", _("Chọn số sao")), ("3", _("3 sao")), ("4", _("4 sao")), ("5", _("5 sao"))]
    )
    score = WholeField(_("Điểm trên giấy"), least=50, most=100, description=_("Nếu giấy có ghi, ví dụ 92."))
    valid_until = DayField(_("Có giá trị đến ngày"))
    paper = PaperField(
        _("Hình chụp hoặc tệp PDF của giấy"),
        must=_("Hãy chụp hoặc chọn tờ giấy để người thẩm định kiểm tra."),
        description=_("Chỉ người thẩm định xem được, người mua không thấy."),
    )

    @property
    def chosen_kind(self) -> CertificateKind:
        known = {kind.value: kind for kind in CertificateKind}
        return known.get(self.kind.data or "", CertificateKind.OCOP)


CERTIFICATE_CHOICES = [(kind.value, CERTIFICATE_WORDS[kind]) for kind in CertificateKind]


class WithdrawalForm(Form):
    """Why a product goes, if the farmer wants to say."""

    why = LineField(_("Lý do"), max=300, description=_("Chỉ để bạn nhớ. Không bắt buộc."))


class RefusalForm(Form):
    """Why a proof is not accepted, or no longer."""

    seen = HiddenField()
    reason = ProseField(
        _("Viết cho người bán: sai chỗ nào, làm lại thế nào"),
        max=1000,
        must=_("Hãy ghi lý do để người bán hiểu và sửa được."),
    )


class DecisionForm(Form):
    """One press of a button; `seen` is the version of the certificate the page showed. How well it is proved: A when
    nothing else is said, for the paper lies beside the words."""

    seen = HiddenField()
    grade = PickField(
        _("Mức bằng chứng"),
        choices=[(grade.value, words) for grade, words in EVIDENCE_WORDS.items()],
        default=Evidence.A.value,
    )
    evidence = LineField(
        _("Nguồn đã xem"),
        max=300,
        description=_("Địa chỉ trang báo hoặc trang cơ quan; cần khi chọn mức B."),
        render_kw={"autocomplete": "off"},
    )


class DuplicateForm(Form):
    """Another like it: pressed twice it is one copy."""

    once = OnceField()


class GridForm(PriceForm):
    """Prices and counts of many packs. Made for a farm's packs by `grid_form`."""

    packs: list[Variant]

    def rows(self) -> dict[Variant, GridRow]:
        """What was typed for each pack."""
        return {
            pack: GridRow(
                price_dong=self[f"price-{pack.code}"].data,
                on_hand=self[_field(pack)].data if _field(pack) in self else None,
                seen_price_dong=self[f"seen-price-{pack.code}"].data,
                seen_on_hand=self[f"seen-{pack.code}"].data,
            )
            for pack in self.packs
        }

    def are_sensible(self) -> bool:
        """Are all prices that were changed like those of such goods?"""
        found = [
            self.is_sensible(
                pack.product.set_no,
                PackDetails(
                    row.price_dong, grams=pack.grams, millilitres=pack.millilitres, pieces=pack.pieces
                ),
                f"price-{pack.code}",
            )
            for pack, row in self.rows().items()
            if row.price_dong != row.seen_price_dong
        ]
        return all(found)

    def see_again(self) -> None:
        """What was typed stays; the numbers it is measured against are today's."""
        for pack in self.packs:
            self[f"seen-{pack.code}"].data = pack.on_hand
            self[f"seen-price-{pack.code}"].data = pack.price_dong


def grid_form(packs: list[Variant], **options: Any) -> GridForm:
    """One row for each pack; the count only where packs are counted one by one."""
    form = type("GridForm", (GridForm,), {})
    for pack in packs:
        name = f"{pack.product.name}, {pack.name}"
        setattr(
            form, f"price-{pack.code}",
            DongField(_("Giá: %(name)s", name=name), must=_("Hãy ghi giá bán."), default=pack.price_dong),
        )  # fmt: skip
        setattr(form, f"seen-price-{pack.code}", SeenField(default=pack.price_dong))
        setattr(form, f"seen-{pack.code}", SeenField(default=pack.on_hand))
        if pack.product.stock_by is StockBy.PACKS:
            setattr(
                form, _field(pack),
                WholeField(
                    _("Có trong kho: %(name)s", name=name), least=0, most=1_000_000, default=pack.on_hand,
                    must=_("Hãy ghi số lượng, hết hàng thì ghi 0."),
                ),
            )  # fmt: skip
    made: GridForm = form(**options)
    made.packs = packs
    return made


class SheetForm(Form):
    """A list of goods as a file."""

    file = FileField(
        _("Tệp Excel (.xlsx) hoặc CSV"), [FileRequired(_("Hãy chọn một tệp."))],
        render_kw={"accept": ".csv,.xlsx,text/csv"},
    )  # fmt: skip


class YesForm(Form):
    """One press of a button."""


class StartForm(Form):
    """Yes to a list; with `without_odd` the rows with an odd price stay out."""

    without_odd = HiddenField()


class ColumnsForm(Form):
    """Which column is what. Made for one sheet by `of`."""

    @classmethod
    def of(cls, sheet: GoodsSheet) -> "ColumnsForm":
        heads = [(str(at), head or f"#{at + 1}") for at, head in enumerate(sheet.heads)]
        form = type("ColumnsForm", (cls,), {})
        for key, (word, _names, must) in importing.COLUMNS.items():
            choices = [("", _("Không có trong tệp")), *heads]
            default = str(sheet.columns[key]) if key in sheet.columns else ""
            setattr(
                form, f"column_{key}",
                ChoiceField(word, choices=choices, default=default, must=_("Hãy chọn một cột.") if must else None),
            )  # fmt: skip
        made: ColumnsForm = form()
        return made

    def columns(self) -> dict[str, int]:
        """What was chosen."""
        return {
            key: int(self[f"column_{key}"].data) for key in importing.COLUMNS if self[f"column_{key}"].data
        }
