"""Vouchers; harvest drives and pre-sale. Of the drives so far the record and its life; their pages come later.

A voucher lowers what a buyer pays; its funder bears it: the market (any goods) or one farm (its own goods only). It
takes a share off the goods, a sum off the goods, or a sum off the freight. Written rules:

- never more than half of the goods it applies to (Decree 81/2018/NĐ-CP), never cash, never below the minimum;
- shared over lines (or the farms' freight) by largest remainder, kept apart by who bears it, on the lines themselves;
- the last use is taken by one conditional UPDATE, so is each person's; an order that never came to be gives both back;
- a farm that refuses or supplies less: the other parts keep their shares, the minimum counts as met, the share of what
  does not come goes back to its funder;
- a buyer who would cancel one part so that the rest is below the minimum cancels the whole order instead;
- freight of a parcel carried in vain is borne by the market, whoever gave the voucher.

Voucher: open ⇄ paused → closed. `service.make`, `pause`, `resume`, `close`; at the till `queries.apply`, `service.use`.
Campaign: draft → open → reached or missed → closed.
"""
