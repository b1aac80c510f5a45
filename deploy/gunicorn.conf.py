"""gunicorn for one machine: `gunicorn -c deploy/gunicorn.conf.py newsportal.wsgi`."""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
# Pages are short and wait for the database: a few threads a process, a process or two a core.
workers = int(os.environ.get("WEB_WORKERS") or 2 * (os.cpu_count() or 1))
threads = int(os.environ.get("WEB_THREADS") or 4)
worker_class = "gthread"
timeout = 30
graceful_timeout = 20
# A worker is replaced now and then, so that no slow leak outlives some days; not all at the same moment, and
# seldom, for its pages in memory go with it.
max_requests = 500_000
max_requests_jitter = 50_000
# Only a proxy on this machine may say over which scheme and from where a request came.
forwarded_allow_ips = "127.0.0.1"
accesslog = None
errorlog = "-"
loglevel = "warning"
