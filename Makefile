# make demo   opens JupyterLab on the quickstart (HEADLESS=1: in Chromium, and writes screenshots/quickstart.png)
# make quick  runs the cheap unit tests of both languages: no browser, no training (PYTHON=python3.13: with that one)
# make test   runs all tests: Python, front end, browser, notebooks
# make check  ruff, mypy, Biome, tsc
# make bench  measures how fast all is, beside other libraries too, and writes docs/speed.md (half an hour)
# make truth  writes docs/truth.md: every method against its formula, random networks, axioms, photographs (20 minutes)
# make wheel  writes dist/salwidget-*.whl, which installs without Node
# make parity compares maps with other libraries', in .venv-peers, and writes docs/parity.md

PYTHON ?= python3
# Each Python that is named has an environment of its own.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(notdir $(PYTHON)))
ENV := $(VENV)/bin
# TensorFlow greets with a page of notices about its build; these and a kernel setting below keep them in the terminal.
export TF_CPP_MIN_LOG_LEVEL ?= 3

# As many processes as there are cores, file by file: TensorFlow traces on one core.
PYTEST = $(ENV)/python -m pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

STATIC := salwidget/static/widget.js
SOURCES := $(shell find js/src -type f) js/package.json js/scripts/build.mjs salwidget/colormaps.json

.PHONY: demo quick quick-python quick-front test check wheel bench truth parity chromium clean

demo: $(VENV)/demo $(STATIC)
ifdef HEADLESS
	$(MAKE) chromium $(VENV)/test
	$(ENV)/python -m tests.browser.quickstart screenshots/quickstart.png
else
	mkdir -p $(VENV)/ipython/profile_default
	echo 'c.IPKernelApp.capture_fd_output = False' > $(VENV)/ipython/profile_default/ipython_kernel_config.py
	IPYTHONDIR=$(CURDIR)/$(VENV)/ipython $(ENV)/jupyter lab notebooks/quickstart.ipynb
endif

quick: $(VENV)/test js/node_modules $(STATIC)
	$(MAKE) --no-print-directory --jobs=2 --keep-going quick-front quick-python

# Without the plugin for notebooks: it builds a grammar of addresses at import, in each process.
quick-python:
	$(PYTEST) -p no:nbmake -m "not browser and (quick or not slow)" tests

# All test files in one page after the other's: a page for each is made in `make test`.
quick-front:
	cd js && npm run --silent quick

test: $(VENV)/test js/node_modules $(STATIC) chromium
	cd js && npm test
	$(PYTEST) --nbmake --durations=25 -m "not browser" notebooks tests  # the longest file first
	$(ENV)/python -m pytest -p no:nbmake --durations=25 tests/browser  # by themselves: a page, its kernel and its server fill two cores

check: $(VENV)/dev js/node_modules
	$(ENV)/ruff check . && $(ENV)/ruff format --check .
	$(ENV)/mypy
	cd js && npm run check

wheel: $(VENV)/bin $(STATIC)
	$(ENV)/pip wheel --quiet --no-deps --wheel-dir dist .

bench: $(VENV)/test $(STATIC) chromium .venv-peers/made
	$(ENV)/python -m benchmarks

truth: $(VENV)/test
	$(ENV)/python -m benchmarks.truth

parity: .venv-peers/made
	.venv-peers/bin/python -m pytest benchmarks/peers
	$(ENV)/python -m benchmarks.peers parity

.venv-peers/made: benchmarks/peers/environment.py $(VENV)/test
	$(ENV)/python -m benchmarks.peers setup
	touch $@

$(STATIC): js/node_modules $(SOURCES)
	cd js && npm run build

# install and not ci: ci wants the packages of all platforms in the lock file, also where a registry lacks them.
js/node_modules: js/package-lock.json
	cd js && npm install --no-audit --no-fund --no-save
	touch $@

# One mark for each set of extras: make installs again only when pyproject.toml changed.
$(VENV)/demo $(VENV)/test $(VENV)/dev: $(VENV)/%: pyproject.toml $(STATIC) | $(VENV)/bin
	$(ENV)/pip install --quiet --editable '.[$*]'
	touch $@

$(VENV)/bin:
	$(PYTHON) -m venv $(VENV)
	$(ENV)/pip install --quiet --upgrade pip

chromium:
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q chromium fonts-dejavu-core; }

clean:
	rm -rf .venv .venv-* js/node_modules salwidget/static
