# Everything a person or a machine does here. `make help` lists it.
# All targets work in a fresh clone: they make the virtual environment in .venv themselves.

PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
VENV   ?= .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo run test check format lint types contracts bench bench-console coverage golden parity properties digest \
        damage simulate sigkill docs lock clean

help: ## list these targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 15

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "tradetui needs Python 3.11 or newer; say which with: make PYTHON=/path/to/python3.11"; exit 2; }
	@echo "first time: setting up $(VENV), about a minute (two on a slow line) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## open the console on a made-up market (no network, no keys)
	$(BIN)/tradetui demo

run: $(READY) ## open the console on your own profile
	$(BIN)/tradetui

test: $(READY) ## run the default test suite (WORKERS=3 processes)
	$(BIN)/python -m pytest -q -n $(or $(WORKERS),3) --dist worksteal

check: $(READY) format lint types contracts test ## everything that must be green before a commit

format: $(READY) ## check the formatting (mend it with: .venv/bin/ruff format)
	$(BIN)/ruff format --check src tests strategies

lint: $(READY) ## check the style
	$(BIN)/ruff check src tests strategies

types: $(READY) ## check the types
	$(BIN)/mypy

contracts: $(READY) ## check the architecture: imports, purity of the core, size caps, charters
	$(BIN)/python -m pytest -q tests/architecture

coverage: $(READY) ## run the suite with branch coverage, print it by package, fail below what is promised
	@mkdir -p build && rm -f build/.coverage* build/coverage.json
	@COVERAGE_FILE=build/.coverage $(BIN)/python -m coverage run -m pytest -q -n $(or $(WORKERS),3) --dist worksteal \
	    --timeout 300; tests=$$?; \
	COVERAGE_FILE=build/.coverage $(BIN)/python -m coverage combine -q; \
	COVERAGE_FILE=build/.coverage $(BIN)/python -m coverage json -q -o build/coverage.json; \
	$(BIN)/python -m tests.coverage_promise build/coverage.json && exit $$tests

bench: $(READY) ## measure the speed and print the figures
	$(BIN)/python -m tests.performance.run

bench-console: $(READY) ## measure the console in a terminal and print the figures
	$(BIN)/python -m tests.performance.gates

golden: $(READY) ## write the golden traces of the core anew
	$(BIN)/python -m tests.contracts.engine.golden

parity: $(READY) ## check an implementation of the core against the golden traces (COMMAND="...")
	$(BIN)/python -m tests.contracts.engine.parity --command "$(COMMAND)"

properties: $(READY) ## run the property tests with many examples, and the differential generator
	HYPOTHESIS_PROFILE=many $(BIN)/python -m pytest -q --timeout 3600 tests/property tests/unit/core/test_random_walk.py \
	    tests/tui/test_painting_at_random.py
	$(BIN)/python -m tests.property.differential --seeds 2000

digest: $(READY) ## compare journals and states of 1,000 seeds over processes with different hash seeds
	$(BIN)/python -m tests.property.digest --seeds 1000

damage: $(READY) ## harm a state folder in every way and check what follows (FLIPS=4 bits a page)
	$(BIN)/python -m tests.damage.campaign --flips $(or $(FLIPS),4)

simulate: $(READY) ## try to break the engine: a campaign of seeds, planted bugs, crashes on SQLite
	$(BIN)/python -m tests.simulation --whole --seeds $(or $(SEEDS),30000)

sigkill: $(READY) ## kill so many real processes that write a journal (N=10000)
	$(BIN)/python -m tests.simulation.sigkill --count $(or $(N),10000)

docs: $(READY) ## write the generated reference pages anew
	$(BIN)/python -m tests.generate_reference
	$(BIN)/python -m tradetui.domain.reference docs/reference

lock: ## pin the dependencies anew, with hashes (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate --extra dev pyproject.toml -o requirements.lock

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
