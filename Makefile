# Two commands do everything on a fresh machine with Python 3.11+, Node 20+ and make:
#   make demo    install, prepare, run: practice app, sandbox and worker
#   make test    install, then lint, types, unit, contract, integration, browser and fault tests

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo reset test test-long faults soak bench screenshots install install-dev requirements format check-python check-node

help:  ## Show what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: install  ## Run the practice app, the sandbox and the worker; Ctrl-C stops all of it
	@exec $(BIN)/python -m scripts.demo

reset:  ## Forget the demo's data, so that the next `make demo` starts afresh
	@if [ -x $(BIN)/python ]; then $(BIN)/python -m scripts.demo --reset; else rm -rf instance; fi

test: install-dev  ## Run every check and test, and end with a summary
	@exec $(BIN)/python -m scripts.test

test-long: install-dev  ## The same with many more examples in the property and schema tests
	@SCHEMATHESIS_EXAMPLES=100 HYPOTHESIS_PROFILE=long exec $(BIN)/python -m scripts.test

faults: install-dev  ## Kill processes, stop brokers and databases, fill the disk, and count what is left
	@exec $(BIN)/pytest tests/faults -q

soak: install-dev  ## 20,000 events and 50 kills; writes its report to bench/soak.md
	@exec $(BIN)/python -m bench.soak

bench: install-dev  ## Measure what the project promises about speed, and print ratios
	@for name in session_grants event_posts sandbox_api webhooks charts; do echo "== $$name"; $(BIN)/python -m bench.$$name || exit 1; done

screenshots: install-dev  ## Take the pictures of docs/images anew
	@exec $(BIN)/python -m scripts.screenshots

format: install-dev  ## Put the code into the shape that `make test` asks for
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix . && npx eslint --fix .

requirements: $(BIN)/pip-compile  ## Pin the direct dependencies anew
	@for name in requirements requirements-dev; do \
	  $(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	    --no-emit-find-links --no-emit-trusted-host --output-file $$name.txt $$name.in || exit 1; \
	done

install: $(VENV)/.installed node_modules/.installed  ## Install what running needs

install-dev: install $(VENV)/.installed-dev  ## Install what testing needs too

check-python:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) was not found; install Python 3.11 or newer, or name it: make PYTHON=python3.12 demo" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "make: $$($(PYTHON) --version) is too old; install Python 3.11 or newer, or name it: make PYTHON=python3.12 demo" >&2; exit 1; }

check-node:
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "make: Node.js with npm was not found; install Node.js 20 or newer" >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "make: Node.js $$(node --version) is too old; install Node.js 20 or newer" >&2; exit 1; }

$(BIN)/python: | check-python
	@echo "Making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: the virtual environment could not be made; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing Python packages"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt && touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing Python packages for the tests"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt && touch $@

$(BIN)/pip-compile: $(VENV)/.installed-dev

node_modules/.installed: package.json package-lock.json scripts/vendor.mjs | check-node
	@echo "Installing browser packages"
	@npm ci --silent --no-audit --no-fund && touch $@
