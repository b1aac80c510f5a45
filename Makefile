# The two commands that set everything up: `make run` serves the portal, `make test` tests it.

PYTHON ?= python3
PORT ?= 8000
export SITE_URL ?= http://{host}:$(PORT)

BIN := .venv/bin
MANAGE := $(BIN)/python manage.py

.PHONY: run test audit lint format words bench bench-intake bench-intake-memory bench-archive bench-desk bench-lists bench-search clean

run: .venv/installed .env
	@$(MANAGE) migrate -v 0
	@$(MANAGE) load_sample --if-empty
	@$(MANAGE) reindex_search --missing -v 0
	@$(MANAGE) collectstatic --noinput -v 0
	@$(MANAGE) welcome
	@BIND=127.0.0.1:$(PORT) WEB_WORKERS=2 exec $(BIN)/gunicorn -c deploy/gunicorn.conf.py newsportal.wsgi

# Both databases, each with its own summary. A DATABASE_URL is the PostgreSQL to use; without one a
# throwaway cluster is made and removed. What a browser shows does not depend on the database: once is enough.
test: .venv/installed-for-tests
	env -u DATABASE_URL $(BIN)/python -m pytest $(PYTEST)
	$(BIN)/python -m tests.postgresql $(BIN)/python -m pytest -m "not browser" $(PYTEST)

# The running portal under the tools of the web (HTML, accessibility, speed, feeds ...): make audit CHECKS="html axe"
audit: .venv/installed-for-audit
	@$(BIN)/python -m audit $(CHECKS)

lint: .venv/installed-for-tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djade --target-version 5.2 --check $$(git ls-files 'templates/admin/*.html')

format: .venv/installed-for-tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djade --target-version 5.2 $$(git ls-files 'templates/admin/*.html')

# Brings readers' catalogues in locale/ up to date with the pages, and compiles them.
words: .venv/installed-for-tests
	$(BIN)/python -m tests.catalogues

# How fast the wire is taken in, against Model.save() and COPY: make bench-intake FILES=1000
bench-intake: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.intake --files $(or $(FILES),10000)

# What memory that takes, however much comes: make bench-intake-memory FILES=10000
bench-intake-memory: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.intake --files $(or $(FILES),100000) --only sqlite --memory

# How fast an archive is made, against COPY of the same rows: make bench-archive STORIES=20000
bench-archive: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.archive --stories $(or $(STORIES),100000)

# Readers' pages, from memory and made anew, against what else could serve them; the intake, shorter than its own
# benchmark: make bench STORIES=100000 FILES=10000
bench: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.pages --stories $(or $(STORIES),10000)
	$(BIN)/python -m benchmarks.intake --files $(or $(FILES),1000) --only postgresql

# The desk's lists and forms on a large archive: make bench-desk STORIES=50000
bench-desk: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.desk --stories $(or $(STORIES),200000)

# Readers' pages made anew on a large archive, first and deep ones: make bench-lists STORIES=50000
bench-lists: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.lists --stories $(or $(STORIES),200000)

# How long searches take on a large archive, for rare and common words: make bench-search STORIES=50000
bench-search: .venv/installed-for-tests
	$(BIN)/python -m benchmarks.search --stories $(or $(STORIES),200000)

clean:
	rm -rf .venv var node_modules *.egg-info

.venv/installed: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Name another with: make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv .venv || { echo 'Python cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv'; rm -rf .venv; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/installed-for-tests: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	@$(BIN)/python -m tests.postgresql --installed || $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[postgresql]' || true
	@touch $@

# Without npm the checks that need it are left out and say so; in CI that is a failure.
.venv/installed-for-audit: .venv/installed-for-tests package.json
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[audit]'
	@! command -v npm >/dev/null || npm install --silent --no-package-lock --no-audit --no-fund
	@touch $@

# Commands run by hand find the same settings as `make run`.
.env:
	@umask 077; $(PYTHON) -c 'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(50)); print("SITE_URL=http://{host}:$(PORT)")' > $@
