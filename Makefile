# Every target sets itself up: all it takes is make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
JAX := .venv-jax
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP_FLAGS := --quiet --no-input --disable-pip-version-check
JOBS ?= 2
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help demo test test-torch lint docs bench bench-peers clean

help:
	@echo "make demo         train a small network on handwritten digits, and draw its backward pass"
	@echo "make test         the whole test suite, with doctests and branch coverage"
	@echo "make test-torch   layers, optimizers and schedules beside PyTorch's, in $(PEERS)"
	@echo "make lint         ruff, mypy --strict, and the rules about who may import whom"
	@echo "make docs         docs/nn.md anew, from the docstrings of nn and optim"
	@echo "make bench        benchmarks: tables, a record and a plot in out/ (peers too, after bench-peers)"
	@echo "make bench-peers  install PyTorch into $(PEERS) and JAX into $(JAX), for comparison only"
	@echo "make clean        remove what the targets above made"

demo: $(INSTALLED)
	$(BIN)/python examples/digits.py

# The report shows the total, and the files of which less than 90 % is covered.
test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=
	@$(BIN)/coverage report | awk 'NR == 1 || /^TOTAL/ || ($$NF ~ /%$$/ && $$NF + 0 < 90)'

test-torch: $(PEERS)/.installed
	$(PEERS)/bin/python -m pytest -n $(JOBS) --dist worksteal tests/differential

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(INSTALLED)
	$(BIN)/python docs/make_nn.py

bench: $(INSTALLED)
	$(BIN)/python benchmarks/run.py --aims --torch $(PEERS)/bin/python --jax $(JAX)/bin/python $(BENCH)

bench-peers: $(PEERS)/.installed $(JAX)/.installed

$(INSTALLED): pyproject.toml
	$(call make-venv,$(VENV))
	$(BIN)/python -m pip install $(PIP_FLAGS) --editable '.[dev]'
	@touch $@

$(PEERS)/.installed: benchmarks/peers.txt
	$(call make-venv,$(PEERS))
	$(PEERS)/bin/python -m pip install $(PIP_FLAGS) --requirement $<
	@touch $@

$(JAX)/.installed: benchmarks/peers_jax.txt
	$(call make-venv,$(JAX))
	$(JAX)/bin/python -m pip install $(PIP_FLAGS) --requirement $<
	@touch $@

# $(call make-venv,DIRECTORY): a virtual environment, or a sentence that says what is missing.
define make-venv
	@command -v $(PYTHON) >/dev/null || { \
	  echo "chaingrad needs Python 3.11 or newer, and there is no '$(PYTHON)'." \
	       "Name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "chaingrad needs Python 3.11 or newer; '$(PYTHON)' is" \
	       "$$($(PYTHON) --version 2>&1). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make virtual environments; on Debian and Ubuntu:" \
	       "apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(1)
endef

clean:
	rm -rf $(VENV) $(PEERS) $(JAX) build dist out *.egg-info .coverage .coverage.* htmlcov \
	  .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
