"""Compare our table of endpoints with a list of the vendor's reference, such as endpoints.json.

    python scripts/check_endpoints.py path/to/endpoints.json

The list has `endpoints` with method, path, title, restricted and the scopes that the reference names. Ends
with 1 and what differs.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from fullscript_embed.api.endpoints import ENDPOINTS


def differences(rows: list[dict[str, Any]]) -> list[str]:
    """What one of the two has and the other has not; scopes that the reference names and we do not."""
    ours = {(row.method, row.path, row.title, row.restricted): row for row in ENDPOINTS}
    theirs = {(row["method"], row["path"], row["title"], row["restricted"]): row for row in rows}
    found = [f"not in our table: {row}" for row in theirs.keys() - ours.keys()]
    found += [f"not in the reference: {row}" for row in ours.keys() - theirs.keys()]
    for key in ours.keys() & theirs.keys():
        lacking = set(theirs[key]["scopes"]) - set(ours[key].scopes)
        found += [f"{ours[key].route} lacks the scope {scope}" for scope in sorted(lacking)]
    return sorted(found)


def main(path: str) -> int:
    """Print what differs and give the exit code."""
    found = differences(json.loads(Path(path).read_text())["endpoints"])
    for difference in found:
        print(difference)
    print(f"{len(ENDPOINTS)} endpoints, {len(found)} differences")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
