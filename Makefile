# Two commands on a fresh Debian machine: make run, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DB ?= data/local/gridcells.duckdb
HOST ?= 127.0.0.1
PORT ?= 8501
# words for `make bench`, such as BENCH="--quick --only assign areas"
BENCH ?=
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test test-long test-scale test-real check lock assets bench browser clean

run: $(VENV)/.installed assets
	@$(BIN)/gridcells serve --sample --db $(DB) --host $(HOST) --port $(PORT)

$(VENV)/.installed: requirements.txt pyproject.toml
	@echo "Installing the pinned packages into $(VENV) (once, about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.tested: tests/requirements.txt $(VENV)/.installed
	@echo "Installing the test packages …"
	@$(PIP) -r tests/requirements.txt
	@touch $@

assets: $(VENV)/.installed
	@$(BIN)/python -m app.assets

browser: $(VENV)/.tested
	@$(BIN)/python tests/browser/find_chromium.py

test: $(VENV)/.tested assets browser
	$(BIN)/python -m pytest tests --numprocesses 3 -m "not real and not long and not scale"

test-long: $(VENV)/.tested assets browser
	GRIDCELLS_LAWS=deep $(BIN)/python -m pytest tests --numprocesses 3 -m "(long or law) and not real"

test-scale: $(VENV)/.scaled
	@$(BIN)/python tests/scale/find_java.py
	$(BIN)/python -m pytest tests/scale -m scale

# PySpark comes as source alone: a Python package around its Java archives
$(VENV)/.scaled: tests/scale/requirements.txt $(VENV)/.tested
	@echo "Installing Spark (once, about a minute) …"
	@$(PIP) --no-binary pyspark --no-build-isolation -r tests/scale/requirements.txt
	@touch $@

test-real: $(VENV)/.tested assets
	@test -n "$$GRIDCELLS_REAL_DATA" || { echo "Set GRIDCELLS_REAL_DATA to the folder with the real data."; exit 1; }
	$(BIN)/python -m pytest tests/real -m real

check: $(VENV)/.tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tests/sizes.py

lock: $(VENV)/.tested
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-header --no-annotate pyproject.toml --output-file requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-header --no-annotate --constraint requirements.txt --extra test pyproject.toml --output-file tests/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --no-binary pyspark --generate-hashes --no-header --no-annotate --constraint requirements.txt --extra spark pyproject.toml --output-file tests/scale/requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-header --no-annotate --constraint requirements.txt --extra bench pyproject.toml --output-file benchmarks/requirements.txt
	echo "ortools>=9.12" | $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-header --no-annotate - --output-file benchmarks/ortools.txt

# OR-Tools wants another protobuf than Streamlit: it has a place of its own.
.venv-ortools/.installed: benchmarks/ortools.txt
	@test -x .venv-ortools/bin/python || $(PYTHON) -m venv .venv-ortools
	@.venv-ortools/bin/python -m pip install --quiet --disable-pip-version-check --only-binary :all: --require-hashes -r $<
	@touch $@

$(VENV)/.benched: benchmarks/requirements.txt $(VENV)/.tested
	@echo "Installing the peers …"
	@$(PIP) -r benchmarks/requirements.txt
	@touch $@

bench: $(VENV)/.benched $(VENV)/.scaled .venv-ortools/.installed assets browser
	@$(BIN)/python tests/scale/find_java.py || true
	GRIDCELLS_ORTOOLS=$${GRIDCELLS_ORTOOLS:-$(CURDIR)/.venv-ortools/bin/python} $(BIN)/python benchmarks/run_all.py $(BENCH)

clean:
	rm -rf $(VENV) .venv-ortools app/static/vendor .mypy_cache .ruff_cache .pytest_cache
