"""Pages of farms: farmer.py for coming on board and the farm's settings, admin.py for the market's staff."""
