"""Fullscript on your own machine: the same HTTP API, OAuth pages and Embed frame, without an account.

Knows nothing of the code that it is used to test. What it answers comes from the vendor's guides and
from answers that were seen in the field, so that a misreading in a client cannot hide in its mirror.
"""
