# The whole of it: `make book` and `make test` need Python 3.11 or newer, and nothing else.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: book test notebooks pretrained bench clean

book: $(READY)  ## build the pages from the committed outputs; every warning is an error
	rm -rf _build
	$(BIN)/jupyter-book build . -W -n --keep-going
	@echo "The book: file://$(CURDIR)/_build/html/index.html"

test: book  ## ruff, tests, every committed output (nbval), the pages in a browser
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/python -m pytest

notebooks: $(READY)  ## run all notebooks and write their outputs
	$(BIN)/python book/execute_notebooks.py

pretrained: $(READY)  ## train the networks of the chapters on real text anew (about an hour)
	$(BIN)/python book/pretrain.py

bench: $(READY)  ## print how fast training and sampling are, as ratios
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv _build

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "The book needs Python 3.11 or newer, but $(PYTHON) is $$($(PYTHON) --version)."; \
		echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet -r requirements.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@
