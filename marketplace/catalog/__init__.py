"""Goods: products, the packs they are sold in, lots, certificates, photos, stock.

Product: draft → waiting → on_sale ⇄ paused → withdrawn; a helper's draft waits for the farmer's own yes.
Certificate: submitted → verified → lapsed or withdrawn; renewed by a new one. A star is shown only while a verified
certificate is inside its dates (OCOP: 36 months from the decision).
Stock: a pack has `on_hand` and `held`; only stock.py changes them, by one conditional UPDATE each.
`queries.on_sale()` joins the farm's state, so a suspended farm is gone at once.
"""
