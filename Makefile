# Two commands: `make app` reads the stories, `make test` checks everything.
# Each sets up what it needs; a second run starts at once.

.DEFAULT_GOAL := help
.PHONY: help app test thorough lint unit constraints clean

PYTHON_IN_VENV := .venv/bin/python
# BIND=0.0.0.0 lets other machines in; PORT picks a port (otherwise the first free one from 8501).
BIND ?= localhost
# Which tests: those of `make test`, or those of `make thorough`.
WHICH ?= not thorough

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' Makefile

app: ## open the stories of geodata/ in a browser
	@sh .ci/setup app
	@$(PYTHON_IN_VENV) -m streamlit run streamlit_app.py --server.address "$(BIND)" $(if $(PORT),--server.port "$(PORT)")

test: ## style, types, import rules, and the tests, in a real browser
	@sh .ci/setup test
	@$(MAKE) --no-print-directory lint unit

thorough: ## what `make test` leaves out: long walks, more screens, more languages, more services
	@$(MAKE) --no-print-directory unit WHICH=thorough

lint: ## style, types and import rules only
	@sh .ci/setup test
	$(PYTHON_IN_VENV) -m ruff check .
	$(PYTHON_IN_VENV) -m ruff format --check --quiet .
	$(PYTHON_IN_VENV) -m mypy
	.venv/bin/lint-imports

unit: ## the tests only; ARGS goes to pytest
	@sh .ci/setup test
	@# A browser on a busy machine may miss its time: what failed gets a second try, alone, and has to pass there.
	$(PYTHON_IN_VENV) -m pytest -m "$(WHICH)" -n 2 --dist loadgroup $(ARGS) || \
		$(PYTHON_IN_VENV) -m pytest -m "$(WHICH)" --last-failed --last-failed-no-failures none -n 0 $(ARGS)

constraints: ## pin the newest releases that pyproject.toml allows
	@sh .ci/pin

clean: ## forget the set-up and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist
