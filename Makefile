# `make` alone explains itself. Everything lives in .venv, built once from a lock file with hashes.
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
PYTHON ?=

PIP     := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet --require-hashes
PROJECT := $(PIP) install --quiet --no-deps --no-build-isolation --editable .
SOURCES := monitor tests $(wildcard bench)
# On every core, at most four: each worker has a PostgreSQL of its own. ARGS="-n0 --pdb" stays in one process.
SPREAD  := --numprocesses auto --maxprocesses 4 --dist worksteal

.DEFAULT_GOAL := help
.PHONY: help demo test check format docs screenshots bench lock clean

help:  ## this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  ARGS are passed on:      make demo ARGS=--once      make test ARGS="-k ratio -x"'
	@echo '  Another interpreter:     make test PYTHON=python3.13      (3.11 or newer; after make clean)'

demo: $(VENV)/.demo  ## a live pipeline, an incident in it, the page about it, the recovery; Ctrl-C ends it and leaves nothing behind
	@$(BIN)/weir demo $(ARGS)

test: $(VENV)/.dev  ## the tests (ARGS=--slow: the long ones too, as CI does); those whose server program is missing here are skipped and say so
	@$(BIN)/python -m pytest $(SPREAD) $(ARGS)

# Each tool says all it has to say: one that fails does not keep the others from running.
check: $(VENV)/.dev  ## lint, format, types and the direction of imports
	@failed=; try() { echo "$$*"; "$$@" || failed="$$failed $${1##*/}"; }; \
	try $(BIN)/ruff check --output-format concise $(SOURCES); \
	try $(BIN)/ruff format --check $(SOURCES); \
	try $(BIN)/pyright --pythonpath $(BIN)/python; \
	try $(BIN)/lint-imports --no-cache; \
	[ -z "$$failed" ] || { echo "failed:$$failed" >&2; exit 1; }

format: $(VENV)/.dev  ## rewrite the code in the one format
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

docs: $(VENV)/.dev  ## rewrite the reference pages in docs/ from the code
	@$(BIN)/python -m pytest -q tests/test_docs.py --update

screenshots: $(VENV)/.dev  ## take the pictures in docs/images anew; needs chromium
	@$(BIN)/python -m tests.dashboards.screenshots

bench: $(VENV)/.dev  ## Weir beside hand-written SQL on 20 million rows, its pages in Chromium, its simulated shop (minutes; writes bench/RESULTS.md; with ARGS the first alone)
	@$(BIN)/python bench/run.py $(ARGS)
	@$(if $(ARGS),,$(BIN)/python bench/pages.py && $(BIN)/python bench/simulate.py)

LOCK := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links

lock:  ## renew requirements/*.txt within the bounds of pyproject.toml (ARGS=--upgrade for the newest); needs uv
	@command -v uv >/dev/null || { echo 'make lock needs uv on the PATH: pip install uv'; exit 1; }
	$(LOCK) $(ARGS) --extra build -o requirements/run.txt
	$(LOCK) $(ARGS) --extra build --extra notify --extra dashboard -c requirements/run.txt -o requirements/demo.txt
	$(LOCK) $(ARGS) --extra build --extra postgres --extra bots --extra pii --extra report --extra notify --extra dashboard --extra dev -c requirements/demo.txt -o requirements/dev.txt

clean:  ## remove .venv and every cache
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find monitor tests $(wildcard bench) -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps say what .venv holds. The demo installs core, pages and messages; test and check add what is missing.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/.made
	@echo 'Installing what Weir needs into $(VENV) (once) ...'
	@$(INSTALL) -r requirements/run.txt
	@$(PROJECT)
	@touch $@

$(VENV)/.demo: requirements/demo.txt $(VENV)/.run
	@echo 'Installing the pages and the messages into $(VENV) (once) ...'
	@$(INSTALL) -r requirements/demo.txt
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo 'Installing the test tools into $(VENV) (once) ...'
	@$(INSTALL) -r requirements/dev.txt
	@touch $@ $(VENV)/.demo

# The first interpreter that is 3.11 or newer and can make a venv; a name on the PATH may be an empty shim, so each is tried.
$(VENV)/.made:
	@old=; bare=; for python in $(or $(PYTHON),python3 python3.13 python3.12 python3.11 python3.14 python); do \
	  version=$$($$python -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue; \
	  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old="$$old $$python ($$version)"; continue; }; \
	  $$python -c 'import ensurepip, venv' 2>/dev/null || { bare="$$bare $$python ($$version)"; continue; }; \
	  echo "Making $(VENV) with $$python ($$version) ..."; \
	  $$python -m venv --clear $(VENV) && touch $@ && exit 0; exit 1; \
	done; \
	echo 'Weir needs Python 3.11 or newer with the modules venv and ensurepip.' >&2; \
	[ -z "$$old" ] || echo "  too old:$$old" >&2; \
	[ -z "$$bare" ] || echo "  without venv or ensurepip:$$bare; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
	[ -n "$$old$$bare" ] || echo '  none found on the PATH$(if $(PYTHON), under the name $(PYTHON))' >&2; \
	echo '  Name another one with: make ... PYTHON=/path/to/python3.12' >&2; exit 1
