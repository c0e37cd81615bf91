# The whole of it: `make book` and `make test` need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
# Which build of PyTorch: left empty, the one that pip finds by itself (on Linux with CUDA); `cpu`, or
# another name that PyTorch has an index for; or the address or folder of an index of your own
TORCH_INDEX ?=
# What `make test` runs: all of it, or files and folders that are named; DURATIONS=1 says where time goes
TESTS ?=

BIN := .venv/bin
READY := .venv/.ready
PAGE := _build/html/index.html
PYTORCH := https://download.pytorch.org/whl/
INDEX := $(if $(findstring /,$(TORCH_INDEX)),$(TORCH_INDEX),$(addprefix $(PYTORCH),$(TORCH_INDEX)))
# What checks the JavaScript, where npm is at hand; its tests are skipped elsewhere
CHECKS := $(if $(shell command -v npm 2>/dev/null),node_modules/.ready)
# What pages are made of: a change in any of it builds them anew
PAGES_FROM := _config.yml _toc.yml requirements.txt $(wildcard book/*.ipynb book/*.md book/*.bib book/*.png) \
	$(shell find book/_extensions charrnn_helpers/widgets -type f ! -name '*.pyc')

.PHONY: book test verify notebooks pretrained bench clean install
.DELETE_ON_ERROR: # pages that were built with a warning are not taken for finished

book: $(PAGE)  ## build the pages from the committed outputs; every warning is an error
	@echo "The book: file://$(CURDIR)/$(PAGE)"

$(PAGE): $(PAGES_FROM) | $(READY)
	rm -rf _build
	$(BIN)/jupyter-book build . -W -n --keep-going

test: $(PAGE) $(CHECKS)  ## ruff, tests, every committed output (nbval), the pages in a browser
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m pytest $(TESTS) $(if $(DURATIONS),--where-time-goes)

node_modules/.ready: package-lock.json
	@npm ci --silent --no-audit --no-fund && touch $@ || \
		echo "The JavaScript is not checked: npm could not install what checks it."

verify: $(PAGE)  ## train the chapters' networks anew; compare all outputs under many settings
	$(BIN)/python making/verify.py

notebooks: $(READY)  ## run the notebooks that are stale, or all with ALL=1, and write their outputs
	$(BIN)/python making/execute_notebooks.py $(if $(ALL),--all)

pretrained: $(READY)  ## train the networks that chapters load anew (about an hour)
	$(BIN)/python making/pretrain.py

bench: $(READY) $(if $(PEERS),.venv-peers/.ready)  ## print speeds as ratios; PEERS=1: JAX beside ours
	$(BIN)/python -m benchmarks

.venv-peers/.ready: benchmarks/requirements-peers.txt
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet -r $<
	@touch $@

clean:
	rm -rf .venv .venv-peers _build node_modules

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The book needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version)."; \
		echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	@$(MAKE) install
	@touch $@

install:  ## install every version that the book was made with into the Python of $(BIN)
	$(BIN)/python -m pip install --quiet $(addprefix --extra-index-url ,$(INDEX)) -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
