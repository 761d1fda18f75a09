# make demo   opens JupyterLab on the quickstart (HEADLESS=1: in Chromium, and writes screenshots/quickstart.png)
# make test   runs all tests: Python, front end, browser, notebooks
# make check  ruff, mypy, Biome, tsc
# make bench  measures how fast all is, beside other libraries too, and writes docs/speed.md (half an hour)
# make truth  writes docs/truth.md: every method against its formula, random networks, axioms, photographs (20 minutes)
# make wheel  writes dist/salwidget-*.whl, which installs without Node
# make parity compares maps with other libraries', in .venv-peers, and writes docs/parity.md

PYTHON ?= python3
ENV := .venv/bin
# TensorFlow greets with a page of notices about its build; these and a kernel setting below keep them in the terminal.
export TF_CPP_MIN_LOG_LEVEL ?= 3

STATIC := salwidget/static/widget.js
SOURCES := $(shell find js/src -type f) js/package.json js/scripts/build.mjs salwidget/colormaps.json

.PHONY: demo test check wheel bench truth parity chromium clean

demo: .venv/demo $(STATIC)
ifdef HEADLESS
	$(MAKE) chromium .venv/test
	$(ENV)/python -m tests.browser.quickstart screenshots/quickstart.png
else
	mkdir -p .venv/ipython/profile_default
	echo 'c.IPKernelApp.capture_fd_output = False' > .venv/ipython/profile_default/ipython_kernel_config.py
	IPYTHONDIR=$(CURDIR)/.venv/ipython $(ENV)/jupyter lab notebooks/quickstart.ipynb
endif

test: .venv/test js/node_modules $(STATIC) chromium
	cd js && npm test
	$(ENV)/python -m pytest

check: .venv/dev js/node_modules
	$(ENV)/ruff check . && $(ENV)/ruff format --check .
	$(ENV)/mypy
	cd js && npm run check

wheel: .venv/bin $(STATIC)
	$(ENV)/pip wheel --quiet --no-deps --wheel-dir dist .

bench: .venv/test $(STATIC) chromium .venv-peers/made
	$(ENV)/python -m benchmarks

truth: .venv/test
	$(ENV)/python -m benchmarks.truth

parity: .venv-peers/made
	.venv-peers/bin/python -m pytest benchmarks/peers
	$(ENV)/python -m benchmarks.peers parity

.venv-peers/made: benchmarks/peers/environment.py .venv/test
	$(ENV)/python -m benchmarks.peers setup
	touch $@

$(STATIC): js/node_modules $(SOURCES)
	cd js && npm run build

# install and not ci: ci wants the packages of all platforms in the lock file, also where a registry lacks them.
js/node_modules: js/package-lock.json
	cd js && npm install --no-audit --no-fund
	touch $@

# One mark for each set of extras: make installs again only when pyproject.toml changed.
.venv/demo .venv/test .venv/dev: .venv/%: pyproject.toml $(STATIC) | .venv/bin
	$(ENV)/pip install --quiet --editable '.[$*]'
	touch $@

.venv/bin:
	$(PYTHON) -m venv .venv
	$(ENV)/pip install --quiet --upgrade pip

chromium:
	@command -v chromium >/dev/null || { apt-get update -q && apt-get install -y -q chromium fonts-dejavu-core; }

clean:
	rm -rf .venv .venv-peers js/node_modules salwidget/static
