"""Money: what the buyer pays, what the farm receives, and a double-entry ledger of whole đồng behind every step.

Payment: expected → paid → partly_refunded → refunded; failed; expired. COD: expected → collected → remitted;
cancelled; written_off. Payout: due ⇄ held → batched → sent or ready at a counter → settled, or bounced → due.
`ledger.post()` writes balanced, append-only lines between named accounts; a balance is a sum, never a stored number.
Rates (commission, tax withheld, holding days) sit in dated tables; the row used is stamped on what it decided.
"""
