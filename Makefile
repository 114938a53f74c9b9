# Two commands do all the set-up: `make demo` and `make test`.
SHELL := /bin/bash
BIN := .venv/bin
export PROJ_NETWORK := OFF

.PHONY: help setup demo test soak lint types docs wheel bench catalogues pictures lock clean

help:
	@echo "make demo        play one observation flight in the browser (does the set-up first)"
	@echo "                 with DEMO=--no-browser, DEMO=--headless or other options of \`overflight demo\`"
	@echo "make test        run all tests (does the set-up first)"
	@echo "make setup       make .venv with the overflight command, the pages and the borders"
	@echo "make bench       measure speed against peers        make soak   long runs"
	@echo "make docs        build the documentation into site/ make wheel  build the package"
	@echo "make lint types  ruff; mypy                         make lock   renew the lock file"

setup:
	@scripts/setup

demo: setup
	@$(BIN)/overflight demo $(DEMO)

test: setup
	@scripts/test $(TESTS)

soak: setup
	@$(BIN)/python -m pytest -m soak tests

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup
	@$(BIN)/mypy

docs: setup
	@$(BIN)/python scripts/build_docs.py

wheel: setup
	@$(BIN)/python -m build --wheel --no-isolation --outdir dist . >/dev/null && ls dist/*.whl

bench: setup
	@$(BIN)/overflight bench $(BENCH)

catalogues: setup
	@$(BIN)/python scripts/catalogues.py --write

pictures: setup
	@$(BIN)/python scripts/screenshots.py

lock:
	@scripts/lock

clean:
	rm -rf .venv web/node_modules overflight/web/static/app overflight/treaty/data/geo/borders site dist build
