"""Goods: products, the packs they are sold in, lots, certificates, photos, stock.

Product: draft → waiting → on_sale ⇄ paused → withdrawn; a helper's draft waits for the farmer's own yes.
Certificate: submitted → verified → lapsed or withdrawn; renewed by a new one. A star is shown only while a verified
certificate is inside its dates (OCOP: 36 months from the decision).
StockHold: held → used or freed. A pack has `on_hand` and `held`; only stock.py changes them, by one conditional UPDATE
each, and `flask stock check` compares them with the moves and holds behind them.
`queries.on_sale()` joins the farm's state, so a suspended farm is gone at once.

Verbs (service): draft, describe, save_pack, set_price, add_photos, add_lot, supply, publish, pause, resume, withdraw;
receive_stock, correct_stock, hold_stock, use_holds, free_holds, return_stock; add_certificate, verify_certificate,
withdraw_certificate. Orders hold and use stock; shipping asks boxes.box_of; storefront and search read queries.
Back rooms: stock (quantities), packs (sizes and prices), proofs (certificates), ocop (the 26 sets), boxes.
"""
