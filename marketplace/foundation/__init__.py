"""The rock: database, time, money, states, files, jobs, pages. It knows no room."""
