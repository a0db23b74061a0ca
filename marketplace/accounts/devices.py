"""A short name for a browser: enough for its owner to know it, too little to follow anybody."""

BROWSERS = (
    ("Zalo", "Zalo"), ("FBAN", "Facebook"), ("FBAV", "Facebook"), ("SamsungBrowser", "Samsung Internet"),
    ("coc_coc", "Cốc Cốc"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("Mac OS", "Mac"), ("Linux", "Linux"),
)  # fmt: skip


def device_name(user_agent: str) -> str:
    """`Chrome · Android`; empty when it says nothing we know."""
    names = [
        next((name for mark, name in marks if mark.lower() in user_agent.lower()), "")
        for marks in (BROWSERS, SYSTEMS)
    ]
    return " · ".join(name for name in names if name)
