# bondfire: `make` shows what there is. Each target does all the set-up it needs, once.

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
UV ?= $(shell command -v uv 2>/dev/null)
WORKERS ?= 2
CASES ?= ../shared/corpora/cel-spec/cases.json
VENV := .venv
BIN := $(VENV)/bin

# Everything is locked with hashes and nothing is resolved or built here, so set-up is quick and repeatable.
# The machine's own configuration of uv or pip says where packages come from.
ifneq ($(UV),)
make_venv = $(UV) venv --quiet --allow-existing --python '$(or $(PYTHON),>=3.11)' $(VENV)
install = $(UV) pip install --quiet --python $(BIN)/python --no-deps
else
make_venv = $(PYTHON) -m venv $(VENV)
install = $(BIN)/python -m pip install -qq --disable-pip-version-check --no-compile --no-deps
endif

define set_up
@if [ -z "$(UV)$(PYTHON)" ]; then \
	echo "bondfire needs Python 3.11 or newer, and found: $$(python3 --version 2>&1 || true)"; \
	echo "Install one (Debian: apt-get install python3 python3-venv), or name it: make PYTHON=/path/to/python3.12 demo"; \
	exit 1; fi
@echo "Setting up $(VENV) from $< with $(if $(UV),uv,pip) (only when the lock changes) ..."
@$(make_venv) || { echo "No virtual environment could be made (Debian: apt-get install python3-venv)."; exit 1; }
@$(install) --require-hashes --only-binary :all: -r $<
@$(install) --no-build-isolation --editable .
endef

.PHONY: help
help: ## show this help
	@echo "bondfire: exact points, tiers and a reason for every one of them"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile

.PHONY: demo
demo: $(VENV)/ready-to-run ## a year of a real shop through a real programme, then the API (Ctrl-C ends it)
	@$(BIN)/bondfire demo

.PHONY: test
test: $(VENV)/ready-to-develop ## all tests
	@$(BIN)/python -m pytest -n $(WORKERS)

.PHONY: fuzz
fuzz: $(VENV)/ready-to-develop ## the long form of the test of the API's document: 1,000 examples an operation
	@DOCUMENT_EXAMPLES=1000 $(BIN)/python -m pytest tests/api/test_document.py

.PHONY: crash
crash: $(VENV)/ready-to-develop ## the long form of the test of kill -9 under load: make crash KILLS=1000 [SEED=1]
	@CRASH_KILLS=$(or $(KILLS),1000) CRASH_SEED=$(or $(SEED),$(shell date +%s)) \
		$(BIN)/python -m pytest tests/campaign -s

.PHONY: tour
tour: $(VENV)/ready-to-develop ## write docs/tour by living it
	@WRITE_TOUR=1 $(BIN)/python -m pytest -q tests/stories/test_tour.py

.PHONY: lives
lives: $(VENV)/ready-to-develop ## the long form of the test of random programmes: make lives PROGRAMS=1000 LIVES=1000
	@RANDOM_PROGRAMS=$(or $(PROGRAMS),1000) RANDOM_LIVES=$(or $(LIVES),1000) \
		$(BIN)/python -m pytest -n $(WORKERS) tests/stories/test_random_programs.py

.PHONY: check
check: $(VENV)/ready-to-develop ## format, lint, types, contracts, tests, fresh generated files, clean tree
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -n $(WORKERS) -m "not tool"
	$(MAKE) --no-print-directory generate
	@test -z "$$(git status --porcelain)" || { git status --short; echo "The tree is not clean: commit the above."; exit 1; }

.PHONY: generate
generate: $(VENV)/ready-to-run ## write the references and schemas that are made from code
	@$(BIN)/python -m bondfire.events.reference docs/reference
	@$(BIN)/python -c "import json; from bondfire.programs import program_schema; \
		print(json.dumps(program_schema(), indent=2))" > docs/reference/program.schema.json
	@$(BIN)/python -m bondfire.webhooks.reference docs/reference
	@$(BIN)/python -m bondfire.cli.reference docs/reference > /dev/null
	@PYTHONPATH=tests $(BIN)/python -m acceptance.page docs/reference

.PHONY: bench
bench: $(VENV)/ready-to-develop ## measure this machine beside pgbench, an ORM, FastAPI and packages for CEL
	@$(BIN)/bondfire bench $(if $(wildcard $(CASES)),--cases $(CASES)) $(BENCH)

.PHONY: lock
lock: ## resolve the dependencies again (needs uv); make lock UPGRADE=--upgrade takes newer ones
	@test -n "$(UV)" || { echo "make lock needs uv on the PATH."; exit 1; }
	$(compile) --group dev --output-file requirements-dev.txt
	$(compile) --constraint requirements-dev.txt --output-file requirements.txt

compile = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make lock" --extra postgres --group build $(UPGRADE)

.PHONY: clean
clean: ## remove the environment and caches; keeps the data in .bondfire
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(VENV)/ready-to-run: requirements.txt
	$(set_up)
	@touch $@

$(VENV)/ready-to-develop: requirements-dev.txt
	$(set_up)
	@touch $@ $(VENV)/ready-to-run
