# What can be done here: `make help`.

PORT   ?= 8000
PYTHON ?= python3
IN      = .venv/bin/python
TESTS  ?= tests

# Nothing needs to be written outside the project.
export RUFF_CACHE_DIR = .ruff_cache
export MYPY_CACHE_DIR = .mypy_cache

.DEFAULT_GOAL := help
.PHONY: help run test test-all check fix bench css translations migration lock build dev env clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-13s %s\n", $$1, $$2}'

run: env  ## the market with its worker on http://127.0.0.1:8000 (PORT=…), all it needs made on the way
	@PORT=$(PORT) $(IN) scripts/run.py

test: dev  ## the whole suite on SQLite and PostgreSQL (TESTS=tests/orders for a part)
	@$(IN) -m pytest --db=both -n 2 --dist worksteal $(TESTS)

test-all: dev  ## the same with nothing shortened: all browser variants, long loops
	@$(IN) -m pytest --db=both -n 2 --dist worksteal --full $(TESTS)

check: dev  ## style, types, floors, translations, migrations: under a minute
	@$(IN) scripts/check.py

fix: dev  ## puts right what the style checker can put right alone
	@$(IN) -m ruff check --fix --quiet .
	@$(IN) -m ruff format --quiet .

bench: dev  ## measures the market, prints a table, writes bench.json
	@test -d tests/benchmarks || { echo 'There are no benchmarks yet.'; exit 1; }
	@$(IN) -m tests.benchmarks

css: dev  ## joins the stylesheets of static/css into the one that is served
	@$(IN) scripts/build_css.py

translations: dev  ## collects new texts into translations/en for someone to translate
	@$(IN) scripts/translations.py update

migration: dev  ## writes the migration from the last one to today's models (WHY="what changed")
	@$(IN) -m flask db migrate -m "$(WHY)"

lock: dev  ## after editing requirements*.in: resolves them into requirements*.txt
	@$(IN) scripts/lock.py

build: env  ## what a server needs before it starts: packages, compiled translations
	@$(IN) scripts/translations.py compile
	@$(IN) scripts/compress.py

env:
	@$(PYTHON) scripts/environment.py run
dev:
	@$(PYTHON) scripts/environment.py dev

clean:  ## forgets environment and caches (the market's data in instance/ stays)
	rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis test-results bench.json
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
