"""The shop window: home, shelf, product, farm. Owns no tables; every page is one plain object from queries."""
