# Every target does its own set-up. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
TESTS := $(BIN)/python -m pytest -n 3 --dist loadgroup

# Processes that find no bytecode compile for half a second at each start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check format soak bench lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(STAMP)  ## console, residents' page and demo phone on loopback, with a sample ward
	@$(BIN)/homthu demo

test: $(DEV_STAMP)  ## every test that this machine can run; what it lacks is skipped visibly
	$(TESTS)

check: $(DEV_STAMP)  ## format, lint, import contracts, types, then exactly what `make test` runs; COVER=1 counts lines too
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(BIN)/basedpyright
	$(TESTS) $(if $(COVER),$(COVERED))

# Counting lines takes as long again as half of the tests, so it is asked for: CI always does.
FLOOR := 95
COVERED := --cov --cov-report=term:skip-covered --cov-fail-under=$(FLOOR)

format: $(DEV_STAMP)  ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

soak: $(DEV_STAMP)  ## the long runs: kills, timing of look-ups
	$(BIN)/python -m pytest -m soak --timeout 3600 --override-ini addopts="--strict-markers -ra --import-mode=importlib"

bench: $(DEV_STAMP)  ## the table of docs/performance.md, measured here and now
	$(BIN)/python -m bench

lock: $(DEV_STAMP)  ## pin every package by hash; no address goes into the files
	$(BIN)/uv pip compile pyproject.toml -q --group install --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml -q --group dev --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-emit-index-url --no-annotate -o requirements-dev.lock

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(STAMP): $(VENV)/bin/python requirements.lock pyproject.toml
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(DEV_STAMP): $(STAMP) requirements-dev.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

clean:  ## forget the environment and the demo's data
	rm -rf $(VENV) var .pytest_cache .ruff_cache .hypothesis .coverage
