"""Embed: what the browser library calls, and the page that it puts in its frame."""

from flask import Blueprint

bp = Blueprint("embed", __name__)

from fullscript_sandbox.embed import entry, tokenize  # noqa: E402, F401 -- the views need bp
