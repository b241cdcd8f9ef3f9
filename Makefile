# Each target does its own set-up on a machine with Python 3.11+ (with venv), make, Node.js and npm.
.PHONY: trials demo test test-engines examples build bench soak mutants docs site release screenshot check format audit setup browser clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000

demo: build
	@$(BIN)/python -m tools.serve --port $(PORT)

test: setup browser build check
	$(BIN)/python -m pytest -n auto --maxprocesses 4

# With TABLE=docs/engines.md the outcome is written there.
test-engines: export ENGINES ?= chromium firefox webkit
test-engines: browser build
	$(BIN)/python -m tools.engines
	$(BIN)/python -m pytest tests/engines

# Installs and builds a project of each framework; needs npm's registry.
examples: build browser
	EXAMPLES=1 $(BIN)/python -m pytest tests/frameworks

build: setup
	@echo "Building dist/: half a minute the first time, then a few seconds."
	@$(BIN)/python -m tools.build

bench: build browser
	PYTHONPATH=src $(BIN)/python -m tools.bench --json .build/bench.json --docs docs

# Which functions of MicroPython a page needs from the start.
trials: setup
	$(BIN)/python -m tools.trials

soak: build browser
	PYTHONPATH=src $(BIN)/python -m tools.soak --json .build/soak.json --page docs/endurance.md

# Which changes of the code does no test notice? By hand: 45 minutes on two cores with other work.
mutants: build
	$(BIN)/python -m tools.mutants

docs: setup
	$(BIN)/python -m tools.release docs

release: build browser
	$(BIN)/python -m tools.release
	RELEASE=release $(BIN)/python -m pytest tests/release/test_release.py tests/docs/test_get_started.py

screenshot: build browser
	$(BIN)/python -m tools.screenshot

site: build
	$(BIN)/python -m tools.site

check: setup
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	npm run --silent check

format: setup
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .
	npm run --silent format

# What is known of the versions that build and test; needs the services of npm and PyPI.
audit: setup
	npm audit --audit
	$(PYTHON) -m venv .build/audit && .build/audit/bin/pip install --quiet pip-audit==2.10.1
	.build/audit/bin/pip-audit --requirement requirements.txt

setup: $(VENV)/.done node_modules/.package-lock.json

$(VENV)/.done: requirements.txt requirements-pyodide.txt
	@echo "Installing the Python tools into $(VENV)/: about a minute, once."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --python-version 3.14 \
		--only-binary :all: --dest $(VENV)/pyodide -r requirements-pyodide.txt
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json
	@echo "Installing the npm packages into node_modules/: about a minute, once."
	@npm ci --silent
	@touch $@

browser: setup
	$(BIN)/python -m tools.browser

clean:
	rm -rf dist release .build .venv node_modules
