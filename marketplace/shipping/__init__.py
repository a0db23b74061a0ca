"""Moving goods: quotes people can trust, parcels, scans.

The hook (port.py): `quote(origin, destination, parcels, value, cod, handling, at) → services and refusals with the
reason`. Embedded adapter: the dated tariff. Parcel: asked → booked or dropped_off → picked_up → in_transit → at_point
or out_for_delivery → delivered; failed (up to three) → returning → returned; unclaimed; lost or damaged; cancelled.
One verb for every scan, from a clerk or a carrier: `service.record_scan`, which moves the parcel and, down, the
farm's order.
"""
