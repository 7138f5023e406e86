# Two commands start everything: `make demo` and `make test`. Both set up .venv themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
LAW_ON ?= 2026-11-24

.PHONY: demo test properties lint audit plans bench soak docs setup lock clean
.DEFAULT_GOAL := help

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(STAMP)  ## make .venv from the lock file (hashes are checked)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("arrears needs Python 3.11 or later, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup  ## the night on made data and on a real tape, explained; then both doors open, with sign-ins (CI=true: tried and closed)
	@$(BIN)/arrears demo

test: setup  ## everything CI runs
	$(BIN)/python -m pytest -n auto --dist worksteal

properties: setup  ## what must hold of random facts, with twenty times the examples of `make test` (TIMES=50)
	ARREARS_TIMES=$(or $(TIMES),20) $(BIN)/python -m pytest -n auto --dist worksteal -m hypothesis

lint: setup  ## ruff, mypy in strict mode, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

audit: setup  ## known faults of the libraries in the lock file, by pip-audit; fails where a library could not be asked about
	$(BIN)/pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock --progress-spinner off

docs: setup  ## the pages of the law packs, made anew (LAW_ON=DATE: as the law stands on that day)
	$(BIN)/arrears law page --out docs/law --on $(LAW_ON)

plans: setup  ## offers over random debts, checked independently (CASES=100000 SEED=1 PROCESSES=2)
	$(BIN)/python -m tests.plans.random_cases $(or $(CASES),2000) $(or $(SEED),1) $(or $(PROCESSES),2)

bench: $(VENV)/.bench-ready  ## measure; writes docs/performance.md (ACCOUNTS=10000000 for the large book)
	$(BIN)/python bench/run.py $(if $(ACCOUNTS),--accounts $(ACCOUNTS))

soak: setup  ## kill and freeze everything while messages leave; writes docs/reliability.md (KILLS=1000 SECONDS=1800 BACKEND=sqlite PROVIDER=smpp)
	@for backend in $(or $(BACKEND),sqlite postgresql); do \
	  $(BIN)/python -m tests.soak.run --backend $$backend --provider $(or $(PROVIDER),line) --kills $(or $(KILLS),60) --seconds $(or $(SECONDS),120) --loans 3000 --gone 30 \
	    --page docs/reliability.md --command "make soak$(if $(KILLS), KILLS=$(KILLS))$(if $(SECONDS), SECONDS=$(SECONDS)) BACKEND=$$backend$(if $(PROVIDER), PROVIDER=$(PROVIDER))" || exit 1; \
	done

$(VENV)/.bench-ready: $(STAMP) requirements-bench.lock
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-bench.lock
	@touch $@

lock: setup  ## renew the lock files from pyproject.toml
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv lock --quiet --upgrade
	$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --format requirements-txt --no-group bench -o requirements.lock
	$(BIN)/uv export --quiet --no-emit-project --no-header --no-annotate --format requirements-txt --group bench -o requirements-bench.lock

clean:  ## remove what the other targets made
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis demo-out bench-out uv.lock
