"""Orders: what was bought, from which farms, and how far each farm has come with it.

FarmOrder: placed → confirmed → accepted → handed_over → delivered (→ returned); refused by the farm; unanswered in
time; refused_at_door → returning → returned; lost; cancelled until handed_over.
An Order has no state of its own: it is read off its FarmOrders. Names, prices, units and lots are stamped on the
lines when the order is placed, so last year's order stays right.
"""
