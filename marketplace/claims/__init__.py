"""When something is wrong: a buyer calls an order off, or says what was wrong with a delivery; anybody complains.

Claim: opened → answered → decided → appealed → decided → closed. A farm that agrees decides it itself; otherwise the
market's staff decide by a code that says who pays, and an appeal is decided by somebody else. Money and stock follow
the decision by themselves. Times are dated rules: fresh goods 48 hours, dry ones 7 days, as the market's own policy;
goods that are not what was described longer, by law. Complaint: received → answered → closed, found by its code.
"""
