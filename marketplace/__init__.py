"""The map of the house.

```
                        app · wiring · commands                     the front door and the switchboard
  roof      admin      reports      api          practice            look at everything
  3rd       storefront     checkout     desks                       pages that need many rooms
  2nd       campaigns      reviews      claims      training        what grows around a sale
  1st       payments > shipping                                     moving money stands on moving goods
  ground    orders > catalog > farmers > dossiers > accounts        (each stands on the next)
  cellar    notifications     search     places                     serve everyone, know no one
  rock      foundation                                              database, time, money, states, files, jobs, pages
```

1. Down by call: a room calls the `service`, reads the `queries` and relates to the `models` of rooms below it.
2. Up by event: `events.publish()`; `wiring.py` says, on one page, who reacts, now or later.
3. A page lives in the highest room it needs.
4. Only the owner writes: quantities change in `catalog/stock.py`, money moves in `payments/ledger.py`,
   a state changes through `states.move()`.

Rooms drawn above that are not here yet (reviews, reports) come with their own work; campaigns and claims
hold their records so far.
"""
