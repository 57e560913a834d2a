# make run: the deck, with a practice account. make test: everything that must hold.
PORT ?= 8501
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3 python,$(shell $(name) -c \
	'import sys, venv, ensurepip; print(sys.executable if sys.version_info >= (3, 11) else "")' 2>/dev/null)))
python := .venv/bin/python
# Where there is a screen, the browser opens by itself.
screen = $(strip $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)))
# The environments of training jobs and endpoints that tests run in; others are built when first used.
ENVIRONMENTS ?= xgboost pytorch

.PHONY: run preflight test check lint format unit browser screens bench soak pins clean

run: .venv/run-ready
	@exec $(python) -m streamlit run asgi.py --server.port $(PORT) --server.showEmailPrompt false \
		$(if $(screen),--server.headless false)

# What an identity may do in an account: make preflight PROFILE=name [REGION=…] [JSON=file]; without PROFILE, the
# practice account that runs.
preflight: .venv/run-ready
	@$(python) -m pages.ui.preflight_command $(if $(PROFILE),--profile $(PROFILE)) $(if $(REGION),--region $(REGION)) \
		$(if $(ROLE),--role $(ROLE)) $(if $(SCHEDULER_ROLE),--scheduler-role $(SCHEDULER_ROLE)) \
		$(if $(BUCKET),--bucket $(BUCKET)) $(if $(JSON),--json $(JSON))

test: .venv/test-ready
	@$(python) -m tests.support.machine
	@$(if $(ENVIRONMENTS),$(python) -m practice.machines.environments build $(ENVIRONMENTS))
	@$(MAKE) --no-print-directory lint unit browser

lint: .venv/test-ready
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports

unit: .venv/test-ready
	$(python) -m coverage erase
	$(python) -m pytest -n 2 --dist worksteal -m "not browser" --cov --cov-report= --cov-fail-under=0

# Browser tests run after the others, two files side by side: most of their time they wait. The coverage of both counts.
browser: .venv/test-ready
	$(python) -m pytest -n 2 --dist loadfile -m browser --cov --cov-append --cov-report=term

format: .venv/test-ready
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

screens: .venv/test-ready
	$(python) -m bench.screens

bench: .venv/test-ready
	$(python) -m bench

# What must hold under faults, kills and hostile input, at full size, measured value against bound (SUBJECTS picks some
# of them); then the tests that start and kill things, ROUNDS times over: what fails once in a while shows there.
SUBJECTS ?=
ROUNDS ?= 1
soak: .venv/test-ready
	$(python) -m bench.soaking $(SUBJECTS)
	@for round in $$(seq $(ROUNDS)); do \
		echo "round $$round of $(ROUNDS)"; $(python) -m pytest -q -x -m "heavy and not browser" || exit 1; \
	done

# Write requirements*.txt anew from pyproject.toml. Needs uv.
pins:
	UV_CUSTOM_COMPILE_COMMAND="make pins" uv pip compile -q --universal --annotation-style line \
		pyproject.toml -o requirements.txt
	UV_CUSTOM_COMPILE_COMMAND="make pins" uv pip compile -q --universal --annotation-style line \
		-c requirements.txt --group pyproject.toml:dev -o requirements-dev.txt

clean:
	rm -rf .venv screens test-results .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Flightdeck needs Python 3.11 or newer with venv on PATH." >&2; exit 1; }
	@echo "Creating .venv with $(PYTHON)."
	@if command -v uv >/dev/null; then uv venv -q --python "$(PYTHON)" .venv; else "$(PYTHON)" -m venv .venv; fi

# A stamp that is older than its pins, or an installation that was cut short, installs again.
.venv/run-ready: requirements.txt | .venv/bin/python
	@echo "Installing what the deck and its practice account need into .venv: about 1.5 GB, some minutes the first time."
	@$(call install,-r requirements.txt)
	@touch $@

.venv/test-ready: requirements-dev.txt .venv/run-ready
	@echo "Installing the test tools into .venv."
	@$(call install,-r requirements.txt -r requirements-dev.txt)
	@touch $@

define install
if command -v uv >/dev/null; then uv pip install -q --python $(python) $(1); \
	else $(python) -m pip install -q --disable-pip-version-check $(1); fi
endef
