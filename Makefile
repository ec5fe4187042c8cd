# Every target sets itself up: all it takes is make and Python 3.11 or newer.

PYTHON ?= python3
VENV := .venv
PEERS := .venv-peers
HIPS := .venv-hips
JAX := .venv-jax
OLDEST := .venv-oldest
PYTHONS ?= $(shell .ci/newer-pythons)
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
PIP_FLAGS := --quiet --no-input --disable-pip-version-check
JOBS ?= 2
BENCH ?=

.DEFAULT_GOAL := help
.PHONY: help demo test coverage test-mpi test-torch test-jax test-oldest test-pythons lint docs bench bench-peers clean

help:
	@echo "make demo         train a small network on handwritten digits, and draw its backward pass"
	@echo "make test         the whole test suite, with doctests"
	@echo "make coverage     the same with branch coverage, which takes twice as long"
	@echo "make test-mpi     what several processes do together, in two and in four of them"
	@echo "make test-torch   layers, and programs of PyTorch's, Keras' and HIPS autograd's users, beside theirs"
	@echo "make test-jax     functions that cross between JAX and here"
	@echo "make test-oldest  the core of the tests with the oldest NumPy, without Numba, in $(OLDEST)"
	@echo "make test-pythons the same with each newer Python that is here, and the newest NumPy"
	@echo "make lint         ruff, mypy --strict, and the rules about who may import whom"
	@echo "make docs         docs/nn.md, onnx_out.md and numpy.md anew, from the code"
	@echo "make bench        benchmarks: tables, a record and a plot in out/ (peers too, after bench-peers)"
	@echo "make bench-peers  install PyTorch into $(PEERS) and JAX into $(JAX), for comparison only"
	@echo "make clean        remove what the targets above made"

demo: $(INSTALLED)
	$(BIN)/python examples/digits.py

test: $(INSTALLED)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# The report shows the total, and the files of which less than 90 % is covered.
coverage: $(INSTALLED)
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=
	@$(BIN)/coverage report | awk 'NR == 1 || /^TOTAL/ || ($$NF ~ /%$$/ && $$NF + 0 < 90)'

# Open MPI comes as a wheel, with the tests' packages: nothing is asked of the machine.
test-mpi: $(INSTALLED)
	$(BIN)/python -m pytest tests/over_mpi/test_over_mpi.py

test-torch: $(PEERS)/.installed $(HIPS)/.installed
	$(PEERS)/bin/python -m pytest -n $(JOBS) --dist worksteal tests/differential

test-jax: $(JAX)/.installed
	$(JAX)/bin/python -m pytest tests/beside_jax

# What depends on versions of Python, NumPy and BLAS and on Numba: every docstring, whose outputs
# NumPy prints; the protocols of NumPy and Python; dtypes; the loops that stand in for Numba's;
# threads and files. The rest, arithmetic and forks, the whole suite holds in one environment.
CORE := autograd nn optim $(addprefix tests/test_, backward.py create.py deep_modules.py \
  elementwise.py errors.py files.py import.py index.py lazy.py linalg.py \
  numpy_protocol.py random.py readme.py reductions.py saving.py shape.py tensor.py threads.py \
  twins_numba.py waiting.py)

test-oldest: $(OLDEST)/.installed
	$(OLDEST)/bin/python -m pytest -n $(JOBS) --dist worksteal $(CORE)

test-pythons: $(PYTHONS:%=test-python-%)
	@test -n "$(PYTHONS)" || { echo "there is no newer Python here than 3.11: make PYTHONS=3.13" \
	  "names one, python3.13, that .ci/newer-pythons does not find" >&2; exit 1; }

test-python-%: .venv-python-%/.installed
	.venv-python-$*/bin/python -m pytest -n $(JOBS) --dist worksteal $(CORE)

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(INSTALLED)
	$(BIN)/python docs/make_nn.py
	PYTHONPATH=. $(BIN)/python docs/make_onnx_out.py
	$(BIN)/python docs/make_numpy.py

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

# HIPS autograd has our import name, and so an environment of its own.
$(HIPS)/.installed: tests/differential/programs/hips.txt
	$(call make-venv,$(HIPS))
	$(HIPS)/bin/python -m pip install $(PIP_FLAGS) --requirement $<
	@touch $@

$(JAX)/.installed: benchmarks/peers_jax.txt
	$(call make-venv,$(JAX))
	$(JAX)/bin/python -m pip install $(PIP_FLAGS) --requirement $<
	@touch $@

$(OLDEST)/.installed: pyproject.toml
	$(call make-venv,$(OLDEST))
	$(OLDEST)/bin/python -m pip install $(PIP_FLAGS) --editable '.[test-numpy]' numpy==2.1.0
	@touch $@

.PRECIOUS: .venv-python-%/.installed
.venv-python-%/.installed: pyproject.toml
	$$(.ci/newer-pythons $*) -m venv .venv-python-$*
	.venv-python-$*/bin/python -m pip install $(PIP_FLAGS) --editable '.[test]'
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
	rm -rf $(VENV) $(PEERS) $(HIPS) $(JAX) $(OLDEST) .venv-python-* build dist out *.egg-info .coverage .coverage.* htmlcov \
	  .hypothesis .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
