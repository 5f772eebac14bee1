"""Webhooks: telling apps of events (guide: Webhooks).

queue.py       what is still to be told, and to whom: rows, so that a restart loses nothing
dispatcher.py  a thread that sends what is due by the sandbox's clock
sending.py     one attempt over HTTP: the empty call first, then the signed event
signing.py     the signature
manual.py      sending beside the schedule, from the dashboard and by order of a test
deliveries.py  what came of an attempt: the log, the retries, the end of an endpoint
"""
