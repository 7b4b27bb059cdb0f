.DEFAULT_GOAL := help
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
BUILT := $(VENV)/.built
SOURCES = $(shell find specs overlays; find pipeline generated -type f -not -name '*.pyc')
PROFILE ?= ci
TARGET ?= emulator
JOBS ?= 2
# mkdocs-material announces its successor at every build.
MKDOCS := NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs

.PHONY: help install vendor diff build verify lint format types test contract contract-plan contract-clean record mutate coverage serve docs docs-serve bench release check clean lock

help: ## show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(READY): pyproject.toml requirements.lock pipeline/client/runtime/_version.py
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

install: $(READY) ## set up .venv with everything, pinned by requirements.lock

vendor: $(READY) ## refresh specs/: all by address, or NAME=send SOURCE=file-or-url [TO=folder]
	$(BIN)/python -m pipeline vendor $(NAME) $(SOURCE) $(if $(TO),--to $(TO))

# make turns every failing status into its own 2; who asks for the status calls the command itself.
diff: $(READY) ## what changed for callers: OLD=HEAD:send NEW=send [FORMAT=markdown] [FAIL_ON=any]; fails with 2, whatever the reason
	$(BIN)/python -m pipeline diff $(OLD) $(NEW) $(if $(FORMAT),--format $(FORMAT)) $(if $(FAIL_ON),--fail-on $(FAIL_ON))

build: $(READY) ## regenerate generated/ from specs/ and overlays/
	$(BIN)/python -m pipeline build
	touch $(BUILT)

# The same for who only needs generated/ to be up to date.
$(BUILT): $(READY) $(SOURCES)
	$(BIN)/python -m pipeline build
	touch $@

verify: $(READY) ## rebuild and compare generated/ byte for byte
	$(BIN)/python -m pipeline build --check
	touch $(BUILT)

lint: $(READY) ## ruff format and rules, import contracts
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/lint-imports

format: $(READY) ## apply ruff's format and safe fixes
	$(BIN)/ruff check --fix . && $(BIN)/ruff format .

types: $(READY) ## mypy strict, and pyright over the client
	$(BIN)/mypy && $(BIN)/pyright --project pyproject.toml --warnings

test: $(READY) ## the project's tests
	$(BIN)/pytest -n $(JOBS)

contract: $(BUILT) ## regenerate what is out of date, then contract-test: TARGET=emulator|url|live|rehearsal|replay PROFILE=quick|ci|night
	$(BIN)/python -m tests.contract --target $(TARGET) --profile $(PROFILE) --jobs $(JOBS)

contract-plan: $(READY) ## what a contract run would send, by operation; sends nothing: TARGET= PROFILE=
	$(BIN)/python -m tests.contract --plan --target $(TARGET) --profile $(PROFILE)

contract-clean: $(READY) ## remove what an interrupted run left on TARGET=live
	$(BIN)/python -m tests.contract --clean --target $(TARGET)

record: $(READY) ## keep scrubbed exchanges as files: TARGET=emulator|url|live TO=folder OPERATIONS="id id"
	$(BIN)/python -m tests.contract.recordings record --target $(TARGET) $(if $(TO),--to $(TO)) $(OPERATIONS:%=--operation %)

mutate: $(READY) ## faulty servers and clients, which the suite has to catch: FULL=1 for all
	$(BIN)/python -m tests.mutants --jobs $(JOBS) $(if $(FULL),--full) $(if $(SEED),--seed $(SEED))

coverage: $(READY) ## which operations the emulator keeps state for
	$(BIN)/mailgun-emulator coverage

serve: $(READY) ## run the emulator on 127.0.0.1:8025
	$(BIN)/mailgun-emulator serve

docs: $(READY) ## build the documentation site into site/
	$(MKDOCS) build --strict

docs-serve: $(READY) ## show the documentation on 127.0.0.1:8000, built anew at each change
	$(MKDOCS) serve --watch docsite

bench: $(READY) ## ratios against a baseline in the same run
	$(BIN)/python -m benchmarks

release: verify ## check, build into dist/ and tag: VERSION=x.y.z [CHECK=1 to keep and tag nothing]
	$(BIN)/python -m pipeline release $(if $(CHECK),--dry-run) -- "$(VERSION)"

check: lint types verify test contract ## what CI runs

lock: ## pin everything anew into requirements.lock
	$(BIN)/python -m pip install --quiet uv && $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --all-extras --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

clean: ## remove the environment, caches and reports
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache reports dist site
