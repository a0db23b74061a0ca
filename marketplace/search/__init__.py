"""Search: what a visitor types becomes a list of products, with counts for the filters.

The room knows no other room. The rooms above say "this changed" (`touch`, a row in their own transaction, and a job
that follows the rows), and hand over documents through a port that storefront fills. The engine behind
`port.SearchEngine` is Whoosh in a folder; the database stays the truth, so an index can be thrown away at any time.

    touched -> followed (job search.follow) -> found;    rebuilt beside and swapped (search.rebuild, every night)

Verbs: find, suggest, touch, follow, rebuild, check. A damaged or missing index raises SearchUnavailable: pages fall
back to browsing in SQL, and the next follow builds a new index.
"""
