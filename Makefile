# `make` lists what can be done here. Everything lands in .venv, build and dist.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 8000
AUTH_PORT ?= 8001
PYTEST_ARGS ?= -n auto --dist worksteal
UPGRADE ?=
BENCH_ARGS ?=
ROUNDS ?= 1000
KILLS ?= 1000
STRESS_ARGS ?=
BACKENDS ?=
BACKENDS_LIMIT ?= 20m

BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.NOTPARALLEL:
.DELETE_ON_ERROR:

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z.\/-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.PHONY: setup
setup: .venv/ready ## make the environment in .venv

.venv/ready: pyproject.toml requirements.lock hatch_build.py web/package-lock.json
	@test -n "$(PYTHON)" || { echo "Portico needs Python 3.11 or newer on PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Portico needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Name another one: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "$(PYTHON) cannot make a virtual environment: its ensurepip is missing. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "== environment: .venv ($$($(PYTHON) --version))"
	@$(PYTHON) -m venv .venv
	@echo "== packages: $$(grep -c '==' requirements.lock) pinned by hash, this takes about half a minute"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@echo "== portico and its browser assets"
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

# Test assets live in build/, which `make clean` empties.
build/test-assets/.stamp: .venv/ready
	@test -f $@ || $(BIN)/pip install --quiet --no-deps --no-build-isolation -e .

# Clients of real auth servers, from npm, by the sha512 of their lock.
build/test-assets/.npm: tests/authserver/npm/package-lock.json build/test-assets/.stamp
	@command -v npm >/dev/null || { echo "The tests need Node.js with npm." >&2; exit 1; }
	@echo "== npm packages for the tests"
	@cp tests/authserver/npm/package.json tests/authserver/npm/package-lock.json build/test-assets/
	@cd build/test-assets && npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

.PHONY: demo
demo: .venv/ready ## run the examples and an auth server [PORT=8000] [AUTH_PORT=8001]
	@$(BIN)/portico demo --port $(PORT) --auth-port $(AUTH_PORT)

# Some tests meet the clock of a busy machine. What fails among thousands at once is tried again alone; the run
# passes if all of that does, and has said what it was.
# The two kinds of tests remember apart what failed.
ONCE_MORE := --last-failed --last-failed-no-failures none --maxfail 1
TESTS := $(BIN)/pytest -o cache_dir=build/pytest
BACKEND_TESTS := $(BIN)/pytest -o cache_dir=build/pytest-backends --backends "$(BACKENDS)" tests/backends
AGAIN := "== pytest once more, one at a time: what failed above"

.PHONY: test
test: .venv/ready build/test-assets/.npm browser curl nginx databases systemd lint ## run every check and test, set-up included [PYTEST_ARGS=...]
	@echo "== pytest"
	@$(TESTS) --cache-clear $(PYTEST_ARGS) || { [ $$? -eq 1 ] && echo $(AGAIN) && $(TESTS) $(ONCE_MORE); }

# Real auth servers have an environment of their own too, half of it from npm: only `make test-backends` needs it.
.venv-backends/ready: tests/backends/requirements.lock | .venv/ready
	@echo "== environment: .venv-backends"
	@$(PYTHON) -m venv .venv-backends
	@echo "== packages: $$(grep -c '==' tests/backends/requirements.lock) pinned by hash"
	@.venv-backends/bin/pip install --quiet --require-hashes -r tests/backends/requirements.lock
	@touch $@

.venv-backends/npm/ready: tests/backends/npm/package.json tests/backends/npm/package-lock.json | .venv-backends/ready
	@command -v npm >/dev/null || { echo "The auth servers of the tests need Node.js with npm." >&2; exit 1; }
	@echo "== npm packages of the auth servers"
	@mkdir -p .venv-backends/npm
	@cp $^ .venv-backends/npm/
	@cd .venv-backends/npm && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund
	@touch $@

# Strapi brings more packages than all others together, and is left out where others alone are asked for. It wants
# what only its panel needs as "peers", which --legacy-peer-deps keeps out of its lock and of here.
.venv-backends/strapi/ready: tests/backends/strapi/package.json tests/backends/strapi/package-lock.json | .venv-backends/ready
	@command -v npm >/dev/null || { echo "The auth servers of the tests need Node.js with npm." >&2; exit 1; }
	@echo "== npm packages of Strapi: $$(grep -c '"integrity"' tests/backends/strapi/package-lock.json), this takes about a minute"
	@mkdir -p .venv-backends/strapi
	@cp $^ .venv-backends/strapi/
	@cd .venv-backends/strapi && npm ci --loglevel=error --ignore-scripts --no-audit --no-fund --legacy-peer-deps
	@touch $@

# Interrupted rather than killed at the limit, so that the servers end with their tests.
WITH_STRAPI := $(if $(BACKENDS),$(filter strapi,$(BACKENDS)),strapi)

.PHONY: test-backends
test-backends: .venv-backends/ready .venv-backends/npm/ready $(WITH_STRAPI:strapi=.venv-backends/strapi/ready) ## try real auth servers [BACKENDS="pocketbase allauth"] [BACKENDS_LIMIT=20m]
	@echo "== pytest tests/backends"
	@timeout --signal=INT --kill-after=60 $(BACKENDS_LIMIT) \
	  $(BACKEND_TESTS) --cache-clear -n 2 --dist loadfile \
	  || { code=$$?; \
	    [ $$code -ne 124 ] || echo "tests/backends took longer than $(BACKENDS_LIMIT)." >&2; \
	    [ $$code -eq 1 ] && echo $(AGAIN) && timeout --signal=INT --kill-after=60 4m $(BACKEND_TESTS) $(ONCE_MORE); }

.PHONY: stress
stress: .venv/ready ## try sessions for hours: storms, crashes, outages [ROUNDS=1000] [KILLS=1000] [STRESS_ARGS="--only kill"]
	@$(BIN)/python -m tests.stress --rounds $(ROUNDS) --kills $(KILLS) $(STRESS_ARGS)

# What Portico is compared with has an environment of its own: no test needs it.
.venv-bench/ready: bench/requirements.lock | .venv/ready
	@echo "== environment: .venv-bench"
	@$(PYTHON) -m venv .venv-bench
	@echo "== packages: $$(grep -c '==' bench/requirements.lock) pinned by hash, this takes about half a minute"
	@.venv-bench/bin/pip install --quiet --require-hashes -r bench/requirements.lock
	@touch $@

.PHONY: bench
bench: .venv/ready .venv-bench/ready browser wrk ## measure Portico beside NiceGUI and Streamlit [BENCH_ARGS="--only first-load --docs"]
	@$(BIN)/python -m bench $(BENCH_ARGS)

.PHONY: lint
lint: .venv/ready ## check style, spelling and types
	@echo "== ruff check"
	@$(BIN)/ruff check
	@echo "== ruff format"
	@$(BIN)/ruff format --check
	@echo "== codespell"
	@$(BIN)/codespell src docs bench tools *.md
	@echo "== mypy"
	@$(BIN)/mypy

.PHONY: format
format: .venv/ready ## format the code and mend what ruff can mend
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

# Extras stand in the lock: without them pip looks for `coverage[toml]` on its own and finds no hash for it.
.PHONY: lock
lock: .venv/ready ## make the locks again [UPGRADE=--upgrade]
	@$(BIN)/uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal \
	  --generate-hashes --no-emit-index-url --no-header --no-strip-extras $(UPGRADE) --quiet -o requirements.lock
	@$(BIN)/uv pip compile bench/requirements.in --python-version 3.11 --universal \
	  --generate-hashes --no-emit-index-url --no-header --no-strip-extras $(UPGRADE) --quiet -o bench/requirements.lock
	@$(BIN)/uv pip compile tests/backends/requirements.in --python-version 3.11 --universal \
	  --generate-hashes --no-emit-index-url --no-header --no-strip-extras $(UPGRADE) --quiet -o tests/backends/requirements.lock
	@cd web && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@cd tests/authserver/npm && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@cd tests/backends/npm && npm install --package-lock-only --ignore-scripts --no-audit --no-fund
	@$(BIN)/python -m tools.npm_lock tests/authserver/npm/package-lock.json
	@$(BIN)/python -m tools.npm_lock tests/backends/npm/package-lock.json
	@cd tests/backends/strapi && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --legacy-peer-deps
	@$(BIN)/python -m tools.npm_lock tests/backends/strapi/package-lock.json

.PHONY: docs
docs: .venv/ready ## make the pages of docs/ that are made from the code
	@$(BIN)/python -m tools.reference
	@$(BIN)/python -m tools.language
	@$(BIN)/python -m tools.appsmith

.PHONY: wheel
wheel: .venv/ready ## build dist/portico-*.whl and the sdist
	@$(BIN)/hatchling build

.PHONY: clean
clean: ## remove what was built, and the caches; environments are kept and checked again
	rm -rf build dist src/portico/_assets .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.* .venv/ready .venv-bench/ready .venv-backends/ready .venv-backends/npm/ready .venv-backends/strapi/ready

# Where a program is missing and apt is there, apt brings it. $(1): the program, $(2): what needs it, $(3): packages.
define by_apt
	command -v apt-get >/dev/null || { echo "$(2) $(1) on PATH." >&2; exit 1; }; \
	sudo=; \
	if [ "$$(id -u)" -ne 0 ]; then command -v sudo >/dev/null \
	  || { echo "$(2) $(1): apt-get install $(3)" >&2; exit 1; }; sudo=sudo; fi; \
	echo "== $(1), by apt"; \
	$$sudo apt-get update --quiet \
	  && $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --yes --no-install-recommends $(3)
endef

# The browser tests drive Chromium.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || { \
	$(call by_apt,chromium,The browser tests need,chromium fonts-liberation); }

# What an imported command sends is compared with what curl itself sends.
.PHONY: curl
curl:
	@command -v curl >/dev/null || { $(call by_apt,curl,The tests of the import need,curl); }

# Processes are tried behind nginx. It is unpacked here rather than installed: it would listen on port 80.
.PHONY: nginx
nginx:
	@PATH="$$PATH:/usr/sbin" command -v nginx >/dev/null || test -x build/nginx/usr/sbin/nginx || { \
	command -v apt-get >/dev/null || { echo "The tests of docs/deploy.md need nginx on PATH." >&2; exit 1; }; \
	sudo=; if [ "$$(id -u)" -ne 0 ]; then sudo=sudo; fi; \
	echo "== nginx, by apt, into build/nginx"; \
	mkdir -p build/nginx && cd build/nginx \
	  && { apt-get download --quiet -o APT::Sandbox::User=root nginx || { $$sudo apt-get update --quiet && apt-get download --quiet -o APT::Sandbox::User=root nginx; }; } \
	  && dpkg-deb --extract nginx_*.deb . && rm nginx_*.deb; }

# The tests of SQL start these themselves, on loopback and as a user without rights. What apt brings must not
# start anything: of PostgreSQL it would, unless it is told so before.
CREATE_NOTHING := /etc/postgresql-common/createcluster.d/portico-tests.conf
.PHONY: databases
databases:
	@PATH="$$PATH:/usr/sbin:$$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | tail -1)"; \
	{ command -v initdb && command -v mariadbd && command -v mariadb-install-db && command -v my_print_defaults; } >/dev/null || { \
	sudo=; if [ "$$(id -u)" -ne 0 ]; then sudo=sudo; fi; \
	command -v apt-get >/dev/null && $$sudo mkdir -p $(dir $(CREATE_NOTHING)) \
	  && echo "create_main_cluster = false" | $$sudo tee $(CREATE_NOTHING) >/dev/null; \
	$(call by_apt,PostgreSQL and MariaDB,The tests of SQL need,postgresql mariadb-server-core mariadb-client-core); }

# It reads the unit that the manual shows; nothing of it is started.
.PHONY: systemd
systemd:
	@command -v systemd-analyze >/dev/null || { \
	$(call by_apt,systemd-analyze,The tests of docs/deploy.md need,systemd); }

# The benchmarks make their load with wrk.
.PHONY: wrk
wrk:
	@command -v wrk >/dev/null || { $(call by_apt,wrk,The benchmarks need,wrk); }
