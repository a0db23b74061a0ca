"""Search: what a visitor types becomes a list of products, with counts for the filters.

The room knows no other room. The rooms above say "this changed" (`touch`, a row in their own transaction, and a job
that follows the rows), and hand over documents through a port that storefront fills. Behind `port.SearchEngine` stand
Whoosh in a folder, and PostgreSQL; the database stays the truth, so an index can be thrown away at any time.

    touched -> followed (job search.follow) -> found;    rebuilt beside and swapped (search.rebuild, every night)

    vietnamese  syllables, exact and folded            words     words for one thing, and what is none
    terms       what a product is found by, for both   reading   filters in a typed text
    spelling    slips repaired by the names on sale    answers   from a typed text to an answer
    ranking     sets and orders as whole numbers       suggestions  names while somebody types

Verbs: find, suggest, touch, follow, rebuild, check. A damaged index gives way to the generation before it; where there
is none SearchUnavailable is raised: pages browse in SQL, and the next follow builds a new index.
"""
