# What a developer does. Everything lives in .venv, which the first command makes.

PYTHON ?= python3
BIN := .venv/bin
SAMPLE ?= sample_logs/gammapy-2020-04.log
# Processes that run tests side by side.
JOBS ?= 2
# Tests and benchmarks start many processes, which would compile all modules again without bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test slow pictures check page format bench clean

# Convert and draw a real log in every format, and show what a short one says.
demo: .venv/installed
	@mkdir -p out
	@$(BIN)/provlog formats
	@echo
	@$(BIN)/provlog formats | sed '1,/^$$/d' | awk 'NR > 1 {print $$1, $$2}' | while read -r name suffix; do \
	  $(BIN)/provlog convert $(SAMPLE) -f $$name -o out/demo$$suffix && \
	  echo "$(SAMPLE) -> out/demo$$suffix"; \
	done
	@echo
	@echo "sample_logs/presentation-excerpt.log says, in PROV-N:"
	@echo
	@$(BIN)/provlog convert sample_logs/presentation-excerpt.log -f provn

# The tests. `make slow` runs those that take long (real programs, kills, many logs), the rest of large grids of
# parameters, and the property tests with all of their examples, of which `make test` tries a quarter.
slow: MARKED := -m "slow or hypothesis"
slow: export HYPOTHESIS_PROFILE ?= thorough
test slow: .venv/developer
	$(BIN)/python -m pytest $(MARKED) -n $(JOBS) --dist loadfile

# The tests that draw; where dot is not on the PATH, with the Graphviz of pygraphviz's wheel.
pictures: .venv/developer
	$(BIN)/python -m pytest tests/writers/pictures tests/cli/pictures/test_graph.py tests/building/test_nesting.py

check: .venv/developer
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

# The code of the explorer, where npm and node are installed: lint, types, tests, and the origin of what is vendored.
page:
	cd provlog/writers/explorer/page && npx --yes eslint@9.39.1 .
	cd provlog/writers/explorer/page && npx --yes --package typescript@5.9.3 tsc --project jsconfig.json
	node --test tests/writers/explorer/page/
	$(PYTHON) provlog/writers/explorer/vendored/fetch.py --check

format: .venv/developer
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# Speed and memory beside logprov 0.0.2; takes a quarter of an hour.
bench: .venv/developer
	$(BIN)/python benchmarks/bench.py

clean:
	rm -rf .venv .bench out

# Compiles what is compiled, where a compiler is.
.venv/installed: pyproject.toml hatch_build.py $(shell find provlog -name '*.px?')
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade "pip >= 25.1"
	$(BIN)/python -m pip install --quiet --editable ".[dask,fits,hdf5,rdf,remote,store,xml]"
	@# Says what could not be compiled.
	@$(BIN)/provlog --version
	@touch $@

.venv/developer: .venv/installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@
