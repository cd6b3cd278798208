# Everything that a checkout needs is built inside it: .venv for the work, .envs for other versions.

# The first interpreter that really runs (a pyenv shim may exist and fail), is new enough and can
# make environments. `make PYTHON=/path/to/python …` chooses another.
ifndef PYTHON
PYTHON := $(shell for candidate in python3.13 python3.12 python3.11 python3; do \
	if $$candidate -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' \
		>/dev/null 2>&1; then echo $$candidate; break; fi; done)
endif

BIN := .venv/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Many tests wait for the clock of an emulator, so there are four workers even on two cores; tests that
# share an expensive fixture stay on one.
WORKERS := $(shell $(PYTHON) -c 'import os; print(max(4, os.cpu_count() or 1))')
PYTEST_ARGS ?= -n $(WORKERS) --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: help demo demo-sns demo-eventbridge test check conformance docs bench bench-delivery fuzz torture test-strict schemas clean

help:
	@echo 'make demo         run the example shop'
	@echo 'make demo-sns     run it on SNS and SQS, emulated on this machine'
	@echo 'make demo-eventbridge  run it on EventBridge, with what is ordered on SNS; emulated, too'
	@echo 'make test         run the tests'
	@echo 'make check        lint, format, types and import contracts'
	@echo 'make conformance  run the conformance kit, and write its report into docs/conformance.md'
	@echo 'make docs         build the documentation into site/'
	@echo 'make bench        run the benchmarks'
	@echo 'make bench-delivery  run those of deliveries alone'
	@echo 'make fuzz         throw 100,000 random patterns and events at the pattern engine'
	@echo 'make torture      kill processes on purpose, and count what is lost (twenty minutes)'
	@echo 'make test-strict  run the tests on every other Python here, and on the oldest dependencies'
	@echo 'make schemas      write the JSON Schemas of our own formats into schemas/eventroute/'
	@echo 'make clean        remove what these commands built'

demo: .venv/.core
	$(BIN)/python -m examples.shop

demo-sns: .venv/.aws
	$(BIN)/python -m tools.emulators sns $(BIN)/python -m examples.shop

demo-eventbridge: .venv/.aws
	$(BIN)/python -m tools.emulators aws $(BIN)/python -m examples.shop

test: .venv/.dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: .venv/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo

conformance: .venv/.dev
	$(BIN)/python -m tests.conformance.report

docs: .venv/.docs
	$(BIN)/zensical build --clean --strict

bench: .venv/.dev
	$(BIN)/python -m benchmarks $(BENCH_ARGS)
	$(BIN)/python -m benchmarks.delivery

bench-delivery: .venv/.dev
	$(BIN)/python -m benchmarks.delivery $(BENCH_ARGS)

fuzz: .venv/.core
	$(BIN)/python -W error -m tools.fuzz $(FUZZ_ARGS)

torture: .venv/.dev
	$(BIN)/python -W error -m tools.torture $(TORTURE_ARGS)

test-strict: .venv/.dev
	$(BIN)/python -m tools.strict $(PYTEST_ARGS)

schemas: .venv/.core
	$(BIN)/python -m eventroute.schema_files

clean:
	rm -rf .venv .envs .cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf build dist site
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Environments. An old pip knows no dependency groups, so pip comes first.
.venv/.pip:
ifeq ($(strip $(PYTHON)),)
	$(error no Python >= 3.11 that runs and can make environments is on PATH; name one with make PYTHON=/path/to/python)
endif
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade pip
	@touch $@

.venv/.core: .venv/.pip pyproject.toml
	$(PIP) install --editable .
	@touch $@

.venv/.aws: .venv/.pip pyproject.toml
	$(PIP) install --editable '.[aws]'
	@touch $@ .venv/.core

.venv/.dev: .venv/.pip pyproject.toml
	$(PIP) install --editable '.[reload,trio]' --group dev
	@touch $@ .venv/.aws .venv/.core

.venv/.docs: .venv/.pip pyproject.toml
	$(PIP) install --group docs
	@touch $@
