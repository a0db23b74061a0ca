"""Where things are: provinces and communes, old names and new ones, postcodes, addresses, and the counters of
the post.

This room serves everyone and knows no one. It keeps two kinds of things:

- the *gazetteer* (34 provinces, 3,321 communes, 10,040 units of before 1 July 2025): files in `data/`,
  because they change by decree and enter through code review; sources and licences are in `data/meta.json`;
- the *service points*: records with weekly hours and dated exceptions. A point's life: open ⇄ closed.

What can be seen (`queries`):
- provinces, province, find_provinces, communes, commune, find_communes, postcode: the gazetteer (the module
  itself is what the address form asks: see `foundation.address_form.use_gazetteer`);
- parse_address, print_address: free text to communes, and a commune to the words on a parcel;
- distance_km, plus_code, zone_between, is_special_zone: where, how far, which freight zone, remote island;
- commune_meant: the commune a search most likely means, a name or a whole address;
- service_points, count_service_points, service_points_by_province, service_point, service_point_for: the counters;
- hours_on, is_open, opens_next, closes_next, seen_now: when they are open, with holidays and swapped days.

What can be done (`service`): open_point, change_hours (read_hours turns "1-5 07:30-17:00" into rows),
make_exception, drop_exception, change_pickups, close_point, reopen_point.

Pages (`routes`): /service-points and /service-points/<code>, for everybody.

Back rooms: `names` (how names are compared), `gazetteer` (the files, loaded once), `addresses` (reading and
writing an address).

Who calls it: address forms and checkout (choices, parse), farmers (map pin, nearest counter), shipping
(zones, islands, counters), search and storefront (where a product comes from), api (`/provinces`,
`/addresses/parse`).
"""
