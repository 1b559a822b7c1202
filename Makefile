# Everything a person needs starts here. ARGS goes to the command: make play ARGS=--headless
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=

.PHONY: help play demo test lint format contracts mutants bench clean

help:
	@echo "make play       start the mall (ARGS=--headless serves without a window)"
	@echo "make demo       run the whole story: publish, approve, enable, play, win, get paid"
	@echo "make test       every test, with the real engine"
	@echo "make lint       style, types, walls between the parts"
	@echo "make format     put the code into shape"
	@echo "make contracts  rebuild the contract artifacts (must change nothing)"
	@echo "make mutants    break each money rule of the contracts once: a test must notice (about half an hour)"
	@echo "make bench      measurements"

.venv/run.stamp: requirements.lock pyproject.toml
	@echo "Installing the locked Python packages into .venv"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps -e .
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements-dev.lock
	@echo "Installing the locked tools for tests and checks"
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

play: .venv/run.stamp
	@$(BIN)/mall play $(ARGS)

demo: .venv/run.stamp
	@$(BIN)/mall demo $(ARGS)

test: .venv/dev.stamp
	$(BIN)/python -m pytest -n 3 --dist loadfile $(ARGS)

lint: .venv/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/gdlint godot_project
	$(BIN)/gdformat --check godot_project

format: .venv/dev.stamp
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/gdformat godot_project

contracts: .venv/dev.stamp
	$(BIN)/python -m contracts.build
	git diff --exit-code contracts/artifacts

mutants: .venv/dev.stamp
	$(BIN)/python -m contracts.mutants $(ARGS)

bench: .venv/dev.stamp
	for script in benchmarks/*.py; do $(BIN)/python $$script || exit 1; done

clean:
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis contracts/node_modules
