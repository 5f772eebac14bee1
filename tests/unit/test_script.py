"""The vendor's browser library: pinned, and checked before it is served."""

from __future__ import annotations

from pathlib import Path

import pytest

from fullscript_embed import script
from fullscript_embed.script import ScriptInvalid, check_bundled, choose_script


def test_the_bundled_library_is_the_published_one() -> None:
    """The file that npm brought has the pinned hash, so it can be served with it."""
    chosen = choose_script("bundled")

    assert chosen.file == script.BUNDLED_FILE
    assert chosen.csp_source == "'self'"


def test_the_cdn_serves_the_same_version_under_the_same_hash() -> None:
    """The vendor's CDN is one setting away, and no less checked."""
    chosen = choose_script("cdn")

    assert (
        chosen.cdn_url == "https://public-assets.fullscript.com/fullscript.js/3.2.0/fullscript-js.umd.min.js"
    )
    assert chosen.integrity == choose_script("bundled").integrity
    assert chosen.csp_source == "https://public-assets.fullscript.com"


def test_another_source_is_refused_by_name() -> None:
    """A misspelt setting stops the application with the two values that it may have."""
    with pytest.raises(
        ScriptInvalid, match='FULLSCRIPT_EMBED_SCRIPT is \'npm\'; it has to be "bundled" or "cdn"'
    ):
        choose_script("npm")


def test_a_changed_library_is_refused(tmp_path: Path) -> None:
    """One byte more than the vendor published is not served to a practitioner."""
    changed = tmp_path / "fullscript.js"
    changed.write_bytes((Path(script.__file__).parent / "static" / script.BUNDLED_FILE).read_bytes() + b"\n")

    with pytest.raises(ScriptInvalid, match=r"is not Fullscript Embed 3\.2\.0 as published"):
        check_bundled(changed)


def test_a_missing_library_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """Without `npm ci` the application says so at its start."""
    with pytest.raises(ScriptInvalid, match="Run `npm ci`"):
        check_bundled(tmp_path / "fullscript.js")
