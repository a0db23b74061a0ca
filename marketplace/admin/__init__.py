"""The platform team's desk: is all well and what waits, people and what they may do, dated rules, service points, the
trail of deeds, jobs, and the gallery of components. Owns no tables: it reads, arranges, and calls lower verbs.

The home page is for reviewer, cashier and admin, each with their own part; everything else is for the admin role.
"""
