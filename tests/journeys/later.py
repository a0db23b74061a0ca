"""A program that believes it is later:  python -m tests.journeys.later 2026-11-21T16:59:45+00:00 gunicorn wsgi:app …

Its clock goes on from that moment, so that a real midnight passes over a real server and a real worker.
"""

import runpy
import sys
from datetime import datetime

import time_machine

if __name__ == "__main__":
    moment, module, *arguments = sys.argv[1:]
    time_machine.travel(datetime.fromisoformat(moment), tick=True).start()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
