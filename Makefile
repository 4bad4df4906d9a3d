# `make demo` opens the demonstration, `make test` runs the tests; both set everything up first.
# What is needed beforehand: Python 3.11 or later with venv, make, git.

SHELL := /bin/sh
.DEFAULT_GOAL := help

# The newest Python that is really there: a version manager's shim may exist and not start.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
	if $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$p; break; fi; done)
VENV := .venv
BIN := $(VENV)/bin
CODE := kiosk screens models devices
STAMP := $(VENV)/.installed
PYTEST_ARGS ?=
SECONDS ?= 3600
SEEDS ?= 200
KEEP ?=

.PHONY: help setup demo test check long soak simulate bench bench-long bench-big pictures catalogue format clean

help: ## say what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' Makefile

setup: $(STAMP) ## make the virtual environment and install everything into it (once)

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
		echo "No Python 3.11 or later was found. On Debian 12 or 13: apt-get install python3 python3-venv" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import ensurepip, venv' >/dev/null 2>&1; then \
		echo "This Python ($(PYTHON)) cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; \
		exit 1; fi
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt setuptools
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation -c constraints.txt -e '.[dev]'
	-$(BIN)/python -m compileall -q $(CODE)
	@touch $(STAMP)

demo: setup ## open the whole station, with simulated hardware, full-screen in this terminal
	-@$(BIN)/python -m compileall -q $(CODE)
	@$(BIN)/kiosk demo

test: setup ## run the tests: what waits for serial lines and processes first in line, the rest beside it
	$(BIN)/python -m tests $(PYTEST_ARGS)

check: setup ## formatting, lint, types and the arrows between the layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

long: setup ## the tests with full counts, which take long
	$(BIN)/python -m pytest -m long $(PYTEST_ARGS)

soak: setup ## sixteen slots in random faults, requests and restarts for an hour, or SECONDS=...
	$(BIN)/python -m tests.soak --seconds $(SECONDS)

simulate: setup ## seeded faults between stations and a hub: SEEDS=10000 runs many; a seed that fails is told, with the command that shows it again
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS)

bench: setup ## measure; prints one JSON object on standard output
	-@$(BIN)/python -m compileall -q $(CODE) tests/benchmarks
	@$(BIN)/python -m tests.benchmarks

bench-long: setup ## measure the hub with 1,000 stations and with 10 million events; half an hour, 20 GB of disk; one JSON object
	-@$(BIN)/python -m compileall -q $(CODE) tests/benchmarks
	@$(BIN)/python -m tests.benchmarks.long

bench-big: setup ## measure a station after ten years, with 100,000 riders and 200,000 copies; KEEP=FOLDER keeps the filled databases
	-@$(BIN)/python -m compileall -q $(CODE) tests/benchmarks
	@$(BIN)/python -m tests.benchmarks.big $(if $(KEEP),--keep $(KEEP))

pictures: setup ## draw the pictures of the screens in docs/pictures
	$(BIN)/python -m tests.pictures

catalogue: setup ## compile the translations
	$(BIN)/pybabel compile --directory screens/locale --domain kiosk

format: setup ## put the code into its one form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove everything that these targets made, the demonstration's data too
	rm -rf $(VENV) .demo build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	rm -f snapshot_report.html
	find $(CODE) tests -name __pycache__ -type d -prune -exec rm -rf {} +
