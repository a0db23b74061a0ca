"""Moving goods: quotes people can trust, parcels, labels, scans.

The hook (port.py): `quote(origin, destination, parcels, value, cod, handling, at) → services and refusals with the
reason`. Embedded adapter: the dated tariff (adapters/tariff.py; what remote freight costs stands in the tariff's table,
data/tariff.json at first). Cart to parcels: packing.py; parcels to a quote: quotes.py; numbers: s10.py; A6 sheets with
barcode and QR: labels.py.

Parcel: asked → booked → dropped_off or picked_up → in_transit → at_point or out_for_delivery → delivered; failed (up to
three times) → returning → returned; unclaimed; lost or damaged; cancelled. Where a scan may lead from each state, and
which scans may be taken back, are tables in models.py.

One verb for every scan, from a clerk or a carrier: `service.record_scan`, which moves the parcel and, down, the farm's
order. Other verbs: book (when a farm accepts), drop_off_without_booking, hand_out, weigh, send_on, take_back. Called by
the counter (desks/routes/post.py), the farmer's desk and carriers' webhooks. Anybody with a number may follow it
(/tracking/<number>); nothing of a person is said there.
"""
