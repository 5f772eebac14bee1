"""gunicorn's settings: `gunicorn "app:create_app()"` reads this file from the folder it is started in.

WEB_CONCURRENCY (processes) and WEB_THREADS (threads in each) are for the machine; what the app needs is in
docs/configuration.md. Wrong settings stop the start here, with all of them named, before any worker runs.
"""

import os
import sys

from ehr.settings import Settings, SettingsInvalid

try:
    settings = Settings.here(os.environ)
except SettingsInvalid as problem:
    sys.exit(problem.message)

bind = f"{settings.host}:{settings.port}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads, because a request may wait for Fullscript.
threads = int(os.environ.get("WEB_THREADS", "8"))
worker_class = "gthread"
control_socket_disable = True  # it would be one file for all that run on this machine
# Longer than the longest wait for Fullscript with its repetitions.
timeout = 60
# Who of the proxies is believed is the app's own setting, PROXY_COUNT.
forwarded_allow_ips = ""
# The app logs each request itself, by its route; gunicorn would log addresses with what was searched for.
accesslog = None
