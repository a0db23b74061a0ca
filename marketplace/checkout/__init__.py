"""The cart and the till. A cart is not an order: it holds packs and how many, for a person or a guest's browser.

`service.prepare(cart, destination)` re-reads prices and stock and asks for quotes per farm;
`service.place_order(cart, details, by)` is the one function that knows every room, and reads like a list.
"""
