"""Goods as a list: a sheet becomes products and packs, row by row, through the same verbs as the pages.

read → which column is what → preview (nothing is written) → written in the background, a few rows at a time.
A row finds its pack by code, else by the product's name and the pack's size within the farm; what is as it should be
already is not touched, so the same file twice changes nothing. A list never renames: a name is looked at when it
changes, so it changes on the product's own page.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from marketplace.catalog import kinds, ocop, service
from marketplace.catalog.models import (
    Handling,
    Product,
    ProductState,
    StockBy,
    Variant,
)
from marketplace.catalog.packs import Measure, PackDetails
from marketplace.catalog.sheet_models import GoodsSheet, SheetState
from marketplace.farmers.models import Farm
from marketplace.foundation import audit, states
from marketplace.foundation.audit import Actor
from marketplace.foundation.db import claim, db
from marketplace.foundation.refusal import Missing, Refusal
from marketplace.foundation.sheets import FORMULA_STARTS, Sheet
from marketplace.foundation.words import Text, _
from marketplace.search import vietnamese

MOST_ROWS = 5_000
AT_ONCE = 100
"""Rows written in one transaction: short enough that nobody waits behind it."""

MOST_EXAMPLES = 20

COLUMNS: dict[str, tuple[Text, tuple[str, ...], bool]] = {
    "name": (
        _("Tên món"),
        ("tên món", "tên sản phẩm", "tên hàng", "sản phẩm", "tên", "name", "product"),
        True,
    ),
    "amount": (
        _("Trong gói có"),
        ("trong gói có", "khối lượng", "trọng lượng", "quy cách", "amount", "size"),
        True,
    ),
    "unit": (_("Tính bằng"), ("tính bằng", "đơn vị", "đvt", "đơn vị tính", "unit"), True),
    "price": (_("Giá một gói"), ("giá một gói", "giá bán", "giá", "đơn giá", "price"), True),
    "stock": (
        _("Có sẵn mấy gói"),
        ("có sẵn mấy gói", "tồn kho", "số lượng", "kho", "stock", "quantity"),
        False,
    ),
    "set": (
        _("Loại hàng OCOP (1–26)"),
        ("loại hàng ocop (1–26)", "loại hàng", "bộ ocop", "nhóm", "set"),
        False,
    ),
    "description": (_("Giới thiệu"), ("giới thiệu", "mô tả", "description"), False),
    "code": (_("Mã gói"), ("mã gói", "mã", "code", "sku"), False),
}
"""What a column can be: its word, the headings it is known by, whether it must be there."""

UNITS: dict[str, tuple[Measure, int]] = {
    "g": ("grams", 1), "gam": ("grams", 1), "gram": ("grams", 1), "gr": ("grams", 1),
    "kg": ("grams", 1000), "ký": ("grams", 1000), "kí": ("grams", 1000), "cân": ("grams", 1000),
    "ki-lô-gam": ("grams", 1000), "lạng": ("grams", 100), "yến": ("grams", 10_000), "tạ": ("grams", 100_000),
    "ml": ("millilitres", 1), "l": ("millilitres", 1000), "lít": ("millilitres", 1000), "lit": ("millilitres", 1000),
    "cái": ("pieces", 1), "con": ("pieces", 1), "chiếc": ("pieces", 1), "quả": ("pieces", 1), "trái": ("pieces", 1),
    "bộ": ("pieces", 1), "piece": ("pieces", 1), "tá": ("pieces", 12),
}  # fmt: skip


# -- reading ------------------------------------------------------------------------------------------------------


def keep(farm: Farm, sheet: Sheet, filename: str, by: Actor) -> GoodsSheet:
    """The rows as they were read, and a guess which column is what. Nothing else is written."""
    if not sheet.rows:
        raise Refusal(_("Tệp chỉ có dòng tên cột, chưa có món nào."), "file")
    kept = GoodsSheet(
        farm=farm, filename=filename[-120:] or "goods.csv", heads=list(sheet.heads),
        rows=[[str(row.number), *row.cells] for row in sheet.rows], row_count=len(sheet.rows),
        columns=guess(sheet.heads), person_id=by.person_id, state=SheetState.READ,
    )  # fmt: skip
    db.session.add(kept)
    audit.record(by, "goods_sheet.read", kept, rows=kept.row_count)
    return kept


def guess(heads: Sequence[str]) -> dict[str, int]:
    """Which heading speaks of what: by its whole words, with or without marks."""
    folded = [vietnamese.fold(head) for head in heads]
    found: dict[str, int] = {}
    for key, (_word, names, _must) in COLUMNS.items():
        for name in names:
            at = next((i for i, head in enumerate(folded) if head == vietnamese.fold(name)), None)
            if at is not None and at not in found.values():
                found[key] = at
                break
    return found


def map_columns(sheet: GoodsSheet, columns: Mapping[str, int]) -> None:
    """The farmer says which column is what; each column once, and the needed ones all."""
    if sheet.state is not SheetState.READ:
        raise Refusal(_("Danh sách này đã nhập rồi. Muốn sửa, hãy gửi tệp khác."))
    if len(set(columns.values())) != len(columns):
        raise Refusal(_("Mỗi cột chỉ dùng cho một mục. Hãy chọn lại."))
    if any(not 0 <= at < len(sheet.heads) for at in columns.values()):
        raise Refusal(_("Có cột không nằm trong tệp. Hãy chọn lại."))
    missing = [word for key, (word, _names, must) in COLUMNS.items() if must and key not in columns]
    if missing:
        raise Refusal(_("Chưa chọn cột cho: %(names)s.", names=", ".join(str(one) for one in missing)))
    sheet.columns = dict(columns)


def sheet_of(farm: Farm, code: str) -> GoodsSheet:
    """The farm's sheet with this code; another's is Missing."""
    found = db.session.scalar(
        select(GoodsSheet).where(GoodsSheet.farm_id == farm.id, GoodsSheet.code == code)
    )
    if found is None:
        raise Missing()
    return found


Size = tuple[int | None, int | None, int | None]
"""Grams, millilitres, pieces: one of them."""

# -- understanding one row ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """What a row asks for."""

    name: str
    pack: PackDetails
    stock: int | None
    set_no: int | None
    is_other: bool
    description: str | None
    code: str

    @property
    def size(self) -> Size:
        return self.pack.grams, self.pack.millilitres, self.pack.pieces


class RowFault(Exception):
    """A cell that cannot be: which, and why."""

    def __init__(self, column: str, why: Text | str) -> None:
        self.column, self.why = column, why
        super().__init__(column)


def understand(sheet: GoodsSheet, row: Sequence[str]) -> Wanted:
    """One row as words and numbers; RowFault names the cell and the reason."""

    def cell(key: str) -> str:
        at = sheet.columns.get(key)
        text = row[at + 1].strip() if at is not None and at + 1 < len(row) else ""
        if text.startswith("'") and text[1:2] in FORMULA_STARTS:
            return text[1:]  # as we write such a text ourselves
        if text.startswith(("=", "+", "@")) or (text.startswith("-") and not text[1:2].isdigit()):
            raise RowFault(key, _("Ô này là công thức. Hãy ghi giá trị, không ghi công thức."))
        return text

    name = cell("name")
    if sum(letter.isalpha() for letter in name) < 3 or len(name) > 120:
        raise RowFault("name", _("Tên món từ 3 chữ cái đến 120 ký tự."))
    unit = UNITS.get(cell("unit").lower().strip(". "))
    if unit is None:
        raise RowFault("unit", _("Chỉ nhận g, kg, ml, lít hoặc cái."))
    measure, factor = unit
    amount = read_number(cell("amount"))
    if amount is None or amount <= 0 or (amount * factor) % 1:
        raise RowFault("amount", _("Hãy ghi một số, ví dụ 500 hoặc 1,5."))
    price = read_number(cell("price").removesuffix("đ").removesuffix("₫").strip())
    if price is None or price % 1 or not 1_000 <= price <= 10_000_000_000:
        raise RowFault("price", _("Giá là số đồng từ 1.000 trở lên, ví dụ 145.000."))
    set_no, is_other = _set_no(cell("set"))
    stock = _stock(cell("stock"))
    pieces_weight = 500 * int(amount) if measure == "pieces" else None
    pack = PackDetails.sized(measure, int(amount * factor), int(price), pieces_weight)
    description = cell("description") or None
    if description and len(description) > 5_000:
        raise RowFault("description", _("Giới thiệu tối đa 5.000 ký tự."))
    return Wanted(name, pack, stock, set_no, is_other, description, cell("code").upper())


def _set_no(text: str) -> tuple[int | None, bool]:
    if not text:
        return None, False
    if vietnamese.fold(text) in ("khac", "other", "hang khac"):
        return None, True
    if not (text.isascii() and text.isdigit() and ocop.is_set(int(text))):
        raise RowFault("set", _("Loại hàng là số từ 1 đến 26, hoặc “khác”."))
    if int(text) == ocop.SERVICE_SET:
        raise RowFault("set", _("Dịch vụ (26) đăng ở trang đăng món, không nhập bằng danh sách."))
    return int(text), False


def _stock(text: str) -> int | None:
    if not text:
        return None
    stock = read_number(text)
    if stock is None or stock % 1 or not 0 <= stock <= 1_000_000:
        raise RowFault("stock", _("Số gói là số nguyên từ 0 đến 1.000.000."))
    return int(stock)


def read_number(text: str) -> Decimal | None:
    """`1.500`, `1500`, `1,5`, `0.5`, `145000.0`; None when it is none."""
    text = text.replace(" ", "").replace("\u00a0", "")
    head, _dot, tail = text.partition(".")
    if (
        text.count(".") >= 1
        and all(len(part) == 3 for part in text.split(".")[1:])
        and head != "0"
        and "," not in text
    ):
        text = text.replace(".", "")
    elif "," in text and "." in text:
        return None
    else:
        text = text.replace(",", ".")
    del tail
    if not text or text.count(".") > 1 or not text.replace(".", "").isascii():
        return None
    return Decimal(text) if text.replace(".", "").isdigit() and len(text) <= 15 else None


# -- what it would do ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fault:
    """A row that is left out: its line in the file, the cell as a spreadsheet names it (none: the column is not there),
    the column's heading, what stood there, why."""

    row: int
    cell: str
    column: str
    value: str
    why: str

    @property
    def as_json(self) -> dict[str, str]:
        return {**asdict(self), "row": str(self.row)}


@dataclass(frozen=True)
class Example:
    """A row of the preview: what it asks for, what would happen, and the price and count there are now."""

    row: int
    wanted: Wanted
    what: str
    price_before_dong: int | None = None
    stock_before: int | None = None


@dataclass
class Plan:
    """What a sheet would do, before anything is written."""

    added: int = 0
    changed: int = 0
    same: int = 0
    faults: list[Fault] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    odd: list[Fault] = field(default_factory=list)
    """Rows that can be taken, with a price far from what such goods cost: asked about before they are."""


@dataclass(frozen=True)
class Known:
    """A pack the farm has, as far as a row is compared with it."""

    name: str
    size: Size
    variant_id: int
    product_id: int
    price_dong: int
    on_hand: int
    held: int
    stock_by: StockBy
    description: str
    set_no: int | None


class Shelf:
    """The farm's packs as they are, found by code, or by name and size; read once, in two statements."""

    def __init__(self, farm: Farm) -> None:
        self.by_code: dict[str, Known] = {}
        self.by_size: dict[tuple[str, Size], Known] = {}
        self.products: dict[str, int] = {}
        products = select(Product.id, Product.name).where(
            Product.farm_id == farm.id, Product.state != ProductState.WITHDRAWN, Product.name != ""
        )
        for product_id, name in db.session.execute(products):
            self.products.setdefault(_key(name), product_id)
        packs = (
            select(
                Variant.code, Product.name, Variant.grams, Variant.millilitres, Variant.pieces,
                Variant.id, Product.id, Variant.price_dong, Variant.on_hand, Variant.held, Product.stock_by,
                Product.description, Product.set_no,
            )
            .join(Variant.product)
            .where(
                Product.farm_id == farm.id,
                Product.state != ProductState.WITHDRAWN,
                Variant.removed_at.is_(None),
            )
        )  # fmt: skip
        for code, name, grams, millilitres, pieces, *facts in db.session.execute(packs):
            known = Known(name, (grams, millilitres, pieces), *facts)
            self.by_code[code] = known
            self.by_size[_key(name), known.size] = known

    def pack_for(self, wanted: Wanted) -> Known | None:
        if wanted.code:
            known = self.by_code.get(wanted.code)
            if known is None:
                raise RowFault("code", _("Không có gói nào của bạn mang mã này. Món mới thì để trống."))
            if _key(known.name) != _key(wanted.name):
                raise RowFault(
                    "name",
                    _(
                        "Mã này là của món “%(name)s”. Muốn đổi tên, hãy sửa ở trang của món.",
                        name=known.name,
                    ),
                )
            if known.size != wanted.size:
                raise RowFault("amount", _("Mã này là của một gói cỡ khác. Cỡ gói mới thì để trống mã."))
            return known
        return self.by_size.get((_key(wanted.name), wanted.size))


def _key(name: str) -> str:
    return " ".join(vietnamese.plain(name).split())


def plan(sheet: GoodsSheet) -> Plan:
    """What the sheet would add and change, and every row that cannot be taken; nothing is written."""
    shelf, found, seen, usual = Shelf(sheet.farm), Plan(), Seen(), service.UsualPrices()
    for row in sheet.rows:
        try:
            wanted = understand(sheet, row)
            seen.check(wanted, int(row[0]))
            what = _what_it_does(shelf, wanted)
        except RowFault as fault:
            found.faults.append(_fault(sheet, row, fault))
            continue
        setattr(found, what, getattr(found, what) + 1)
        known = shelf.pack_for(wanted)
        if known is None or known.price_dong != wanted.pack.price_dong:
            odd = service.odd_price(_set_of(wanted, known), wanted.pack, usual)
            if odd is not None:
                found.odd.append(_fault(sheet, row, RowFault("price", odd.sentence)))
        if len(found.examples) < MOST_EXAMPLES:
            now = (known.price_dong, known.on_hand) if known else (None, None)
            found.examples.append(Example(int(row[0]), wanted, what, *now))
    return found


class Seen:
    """The rows above: each pack stands in one row, and a product says one thing of itself."""

    def __init__(self) -> None:
        self.packs: dict[tuple[str, Size], int] = {}
        self.descriptions: dict[str, tuple[str, int]] = {}

    def check(self, wanted: Wanted, row: int) -> None:
        key = _key(wanted.name)
        twin = self.packs.setdefault((key, wanted.size), row)
        if twin != row:
            raise RowFault("name", _("Trùng tên và cỡ gói với dòng %(row)s.", row=twin))
        if wanted.description is not None:
            text, above = self.descriptions.setdefault(key, (wanted.description, row))
            if text != wanted.description:
                raise RowFault("description", _("Món này có lời giới thiệu khác ở dòng %(row)s.", row=above))


def _what_it_does(shelf: Shelf, wanted: Wanted) -> str:
    pack = shelf.pack_for(wanted)
    if pack is None:
        if not wanted.set_no and not wanted.is_other and kinds.suggest(wanted.name) is None:
            raise RowFault("set", _("Chợ chưa đoán được loại hàng từ tên. Hãy ghi số từ 1 đến 26."))
        return "added"
    return "changed" if list(_changes(pack, wanted)) else "same"


def _set_of(wanted: Wanted, known: Known | None) -> int | None:
    """The OCOP set a row's goods are of: what they are already, what it says, or what the name suggests."""
    if known is not None:
        return known.set_no
    kind = None if wanted.set_no or wanted.is_other else kinds.suggest(wanted.name)
    return kind.set_no if kind else wanted.set_no


def _changes(known: Known, wanted: Wanted) -> Iterable[str]:
    if known.price_dong != wanted.pack.price_dong:
        yield "price"
    if wanted.stock is not None and known.stock_by is StockBy.PACKS and known.on_hand != wanted.stock:
        if wanted.stock < known.held:
            raise RowFault("stock", _("Đã có %(held)s gói được đặt mua, không thể ít hơn.", held=known.held))
        yield "stock"
    if wanted.description is not None and wanted.description != known.description:
        yield "description"


def _fault(sheet: GoodsSheet, row: Sequence[str], fault: RowFault) -> Fault:
    at = sheet.columns.get(fault.column)
    head = sheet.heads[at] if at is not None else str(COLUMNS[fault.column][0])
    value = row[at + 1] if at is not None and at + 1 < len(row) else ""
    return Fault(
        int(row[0]), f"{_letters(at)}{row[0]}" if at is not None else "", head, value[:60], str(fault.why)
    )


def _letters(at: int) -> str:
    """The name a spreadsheet gives a column: A, B … Z, AA."""
    return (_letters(at // 26 - 1) if at >= 26 else "") + chr(ord("A") + at % 26)


# -- writing ------------------------------------------------------------------------------------------------------


def start(sheet: GoodsSheet, by: Actor, *, without_odd: bool = False) -> None:
    """The farmer has seen the preview and says yes: the rows are written in the background, those it left out are
    not; neither are those with an odd price, when the farmer wants to look at them again."""
    states.move(sheet, SheetState.WAITING, by)
    seen = plan(sheet)
    left_out = sorted([*seen.faults, *(seen.odd if without_odd else [])], key=lambda fault: fault.row)
    sheet.faults = [fault.as_json for fault in left_out]


def drop(sheet: GoodsSheet, by: Actor) -> None:
    """Not this list after all."""
    states.move(sheet, SheetState.DROPPED, by)


def write_some(sheet_id: int) -> bool:
    """The next rows of a list, through the same verbs as the pages; True while there are more. Safe to run again: what
    was written is found as it should be."""
    (sheet,) = claim(GoodsSheet, [sheet_id])
    if sheet.state is not SheetState.WAITING:
        return False
    by = Actor.of(sheet.person_id) if sheet.person_id else Actor.guest()
    shelf = Shelf(sheet.farm)
    rows = sheet.rows[sheet.done_count : sheet.done_count + AT_ONCE]
    left_out = {fault["row"] for fault in sheet.faults}
    faults: list[dict[str, str]] = []
    new: dict[str, service.NewGoods] = {}
    for row in rows:
        if row[0] in left_out:
            continue
        try:
            wanted = understand(sheet, row)
            what = _what_it_does(shelf, wanted)
            if what == "added" and _key(wanted.name) not in shelf.products and _key(wanted.name) not in new:
                new[_key(wanted.name)] = _new(wanted)
            else:
                _add_all(sheet.farm, shelf, new, by)
                _write(shelf, wanted, what, by)
            count = f"{what}_count"
            setattr(sheet, count, getattr(sheet, count) + 1)
        except RowFault as fault:
            faults.append(_fault(sheet, row, fault).as_json)
        except Refusal as refusal:
            why = RowFault("name", str(refusal.sentence))
            faults.append(_fault(sheet, row, why).as_json)
    _add_all(sheet.farm, shelf, new, by)
    if faults:
        sheet.faults = sorted([*sheet.faults, *faults], key=lambda fault: int(fault["row"]))
    sheet.done_count += len(rows)
    if sheet.done_count >= sheet.row_count:
        states.move(sheet, SheetState.DONE, by)
        return False
    return True


def _add_all(farm: Farm, shelf: Shelf, new: dict[str, service.NewGoods], by: Actor) -> None:
    """The products that are new since last time, in a few statements."""
    for key, product in zip(
        new, service.draft_many(farm, list(new.values()), by) if new else (), strict=True
    ):
        shelf.products[key] = product.id
        for pack in product.variants:
            size = (pack.grams, pack.millilitres, pack.pieces)
            shelf.by_size[key, size] = Known(
                product.name, size, pack.id, product.id, pack.price_dong, pack.on_hand, 0, StockBy.PACKS,
                product.description, product.set_no,
            )  # fmt: skip
    new.clear()


def _new(wanted: Wanted) -> service.NewGoods:
    """A new draft with its pack: photos are still to come."""
    kind, set_no = kinds.suggest(wanted.name), _set_of(wanted, None)
    usual = ocop.set_of(set_no).handling if set_no else "dry"
    handling = kind.handling if kind and kind.set_no == set_no else usual
    return service.NewGoods(
        wanted.name, set_no, Handling(handling), wanted.description or "", wanted.pack, wanted.stock or 0
    )


def _write(shelf: Shelf, wanted: Wanted, what: str, by: Actor) -> None:
    if what == "same":
        return
    known = shelf.pack_for(wanted)
    if known is None:
        product = db.session.get_one(Product, shelf.products[_key(wanted.name)])
        pack = service.save_pack(product, wanted.pack, by)
        db.session.flush()
        if wanted.stock and product.stock_by is StockBy.PACKS:
            service.receive_stock(pack, wanted.stock, by)
        return
    pack = db.session.get_one(Variant, known.variant_id)
    changes = set(_changes(known, wanted))
    if "price" in changes:
        service.set_price(pack, wanted.pack.price_dong, by)
    if "stock" in changes and wanted.stock is not None:
        service.correct_stock(pack, wanted.stock, by)
    if "description" in changes and wanted.description is not None:
        service.describe(pack.product, by, description=wanted.description)


# -- out ----------------------------------------------------------------------------------------------------------


def heads() -> list[str]:
    """The headings of the template and of what is exported; read back they find their columns."""
    return [str(word) for word, _names, _must in COLUMNS.values()]


def export(farm: Farm) -> list[list[object]]:
    """The farm's packs as rows of the same sheet."""
    packs = db.session.scalars(
        select(Variant)
        .join(Variant.product)
        .where(
            Product.farm_id == farm.id, Product.state != ProductState.WITHDRAWN, Variant.removed_at.is_(None)
        )
        .options(joinedload(Variant.product))
        .order_by(Product.id, Variant.position, Variant.id)
    )
    rows: list[list[object]] = []
    for pack in packs:
        unit = "g" if pack.grams else "ml" if pack.millilitres else "cái"
        product = pack.product
        category = "" if not product.is_categorised else product.set_no or "khác"
        rows.append(
            [
                product.name,
                pack.size,
                unit,
                pack.price_dong,
                pack.on_hand,
                category,
                product.description,
                pack.code,
            ]
        )
    return rows


def faults_of(sheet: GoodsSheet) -> list[Fault]:
    """The rows that were left out, to be mended in the file they came from."""
    return [
        Fault(int(one["row"]), one.get("cell", ""), one["column"], one["value"], one["why"])
        for one in sheet.faults
    ]


EXAMPLE: list[list[object]] = [
    ["Chè búp Tân Cương", 100, "g", 145_000, 20, 11, "Hái tay, sao củi.", ""],
    ["Mật ong hoa cà phê", 500, "ml", 180_000, 12, 4, "", ""],
]
