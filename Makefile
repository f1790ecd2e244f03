# Every target does its own set-up. `make` alone lists the targets.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
RENDERER ?=
PORT ?= 0
BENCH ?=
# Without its byte code files Python compiles hundreds of modules again in every process: ten seconds a build.
unexport PYTHONDONTWRITEBYTECODE
THESIS ?= $(wildcard source/thesis.txt)

.PHONY: help setup report pdf html validate provenance claims accept check format test test-all test-browser preview reproduce bench why lock quarto clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# uv installs the locked packages in seconds; where it cannot (a proxy it does not know), pip does the same slowly.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	@echo "set-up: installing the packages of requirements.lock into $(VENV) (once)"
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@grep -A 30 '^uv==' requirements.lock | awk 'NR>1 && /^[a-z]/{exit} {print}' > $(VENV)/uv.lock
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.lock
	@$(VENV)/bin/uv pip sync --system-certs --python $(PY) --require-hashes requirements.lock \
	  || { echo "set-up: uv could not, trying pip"; $(PY) -m pip install --disable-pip-version-check --require-hashes -r requirements.lock; }
	@$(PY) -c 'import pathlib, sysconfig; pathlib.Path(sysconfig.get_paths()["purelib"], "project.pth").write_text(str(pathlib.Path("src").resolve()) + "\n")'
	@echo "set-up: importing the packages once, so that Python keeps them compiled"
	@$(PY) -c 'from recount import warm; warm.import_all()'
	@$(PY) -m recount.render.ahead
	@touch $(READY)

setup: $(READY) ## install the locked packages into .venv (every target does this by itself)

report: $(READY) ## build the book as PDF and HTML into _book (RENDERER=quarto or builtin forces one)
	@$(PY) -m recount report --renderer "$(RENDERER)"

pdf: $(READY) ## build only the PDF
	@$(PY) -m recount report --format pdf --renderer "$(RENDERER)"

html: $(READY) ## build only the site
	@$(PY) -m recount report --format html --renderer "$(RENDERER)"

validate: $(READY) ## run only the gate: check the data with Great Expectations, and build its Data Docs
	@$(PY) -m recount validate --docs

provenance: $(READY) ## check every row against the thesis text (THESIS=path, or source/thesis.txt)
	@$(PY) -m recount provenance "$(THESIS)"

claims: $(READY) ## print the verdict on every statement of the thesis
	@$(PY) -m recount claims

accept: $(READY) ## take changed verdicts over (REASON="..." is recorded)
	@$(PY) -m recount accept "$(REASON)"

check: $(READY) ## format, lint, types, and the form of the chapters
	@$(VENV)/bin/ruff format --check src tests
	@$(VENV)/bin/ruff check src tests
	@$(VENV)/bin/mypy
	@$(PY) -m recount check

format: $(READY) ## format the code
	@$(VENV)/bin/ruff format src tests
	@$(VENV)/bin/ruff check --fix-only --quiet src tests

test: $(READY) ## run the tests, one real build among them; under three minutes on two cores
	@$(PY) -m pytest -m "not browser and not slow"

test-all: $(READY) ## run the slow tests too: a hundred killed builds, mutations, two builds compared
	@$(PY) -m pytest -m "not browser"

test-browser: $(READY) ## test the built site in Chromium: accessibility, keyboard, charts, offline (installs what it needs)
	@sh tests/browser/install.sh
	@$(PY) -m recount report --renderer builtin
	@$(PY) -m pytest -m browser tests/browser

preview: $(READY) ## serve the site on this machine and rebuild what a save affects (PORT=8000 chooses the port)
	@$(PY) -m recount preview --port "$(PORT)"

reproduce: $(READY) ## build the last commit twice, differently, and compare every byte (RENDERER=quarto with Quarto)
	@$(PY) -m recount reproduce $(if $(RENDERER),--renderer $(RENDERER))

bench: $(READY) ## measure the builds (BENCH=--write also writes docs/performance.md, BENCH=--growth adds large projects)
	@$(PY) -m recount bench $(BENCH)

why: $(READY) ## say what the next build would make again, and why
	@$(PY) -m recount why

lock: $(READY) ## make requirements.lock anew from requirements.in
	@$(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements.in -o requirements.lock

quarto: $(READY) ## try to install Quarto into .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check quarto-cli 2>/dev/null && $(VENV)/bin/quarto --version \
	  || echo "Quarto could not be downloaded here: install it from its own site and name it in QUARTO, or stay with the built-in renderer"

clean: ## remove everything that can be made again, but for .venv
	@rm -rf .recount _book _book.new _book.old _freeze .quarto .mypy_cache .ruff_cache .pytest_cache
