# `make` alone lists what can be made. Everything lives in .venv and in the data folder; nothing is installed elsewhere.
PYTHON ?= python3
PORT ?=
DATA ?=
AT_ONCE ?= 2
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.installed-run
DEV := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet install
COMPILE := pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

.DEFAULT_GOAL := help
.PHONY: help demo serve test check lint types layers tidy bench messages lock clean-env

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 18

demo: $(RUN)  ## install, start PostgreSQL, load the demo world and serve it (PORT=8080, DATA=folder)
	@$(if $(PORT),GOODWORD_PORT=$(PORT)) $(if $(DATA),GOODWORD_DATA=$(DATA)) $(BIN)/goodword demo

serve: $(RUN)  ## a real installation: serve the data folder (PORT=8000, DATA=folder)
	@$(if $(PORT),GOODWORD_PORT=$(PORT)) $(if $(DATA),GOODWORD_DATA=$(DATA)) $(BIN)/goodword serve

test: lint types layers  ## everything: checks, then all tests (AT_ONCE=2 processes; 0: in this one)
	@$(BIN)/python -m pytest -n $(AT_ONCE) --durations=40 --durations-min=2

check: lint types layers tidy  ## style, types, layers and the style guide's own tests

lint: $(DEV)  ## ruff
	@$(BIN)/ruff check src tests

types: $(DEV)  ## strict mypy
	@$(BIN)/mypy

layers: $(DEV)  ## the architecture drawing in .importlinter
	@$(BIN)/lint-imports --no-cache

tidy: $(DEV)  ## the style guide in tests/tidy
	@$(BIN)/python -m pytest --quiet tests/tidy

bench: $(DEV)  ## measure against a plain-Django baseline, write docs/performance.md
	@$(BIN)/python -m tests.bench

messages: $(DEV)  ## gather the sentences of the pages into src/goodword/web/locale and compile them (needs gettext)
	@$(BIN)/python -m goodword.web.own.messages

lock: $(DEV)  ## write the locks anew from the .in files (UPGRADE=--upgrade for newer versions)
	@$(BIN)/uv $(COMPILE) $(UPGRADE) requirements.in -o requirements.txt
	@$(BIN)/uv $(COMPILE) $(UPGRADE) requirements-dev.in -o requirements-dev.txt

clean-env:  ## remove the environment and the caches (never the data folder)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Goodword needs Python 3.11 or later: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)

$(RUN): requirements.txt pyproject.toml | $(BIN)/python
	@echo "Installing what Goodword runs on …"
	@$(PIP) --require-hashes --requirement requirements.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.txt $(RUN)
	@echo "Installing what the tests need …"
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@touch $@
