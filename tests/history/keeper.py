"""Child process of test_recent: adds entries and prints each id once it was saved, until it is killed."""

import sys
import time
from pathlib import Path

from scipix.datatypes import Kind, Reading
from scipix.history.recent import NewEntry, Recent


def main() -> None:
    recent = Recent(Path(sys.argv[1]), limit=0)
    count = 0
    while True:
        count += 1
        mark = f"x_{{{sys.argv[2]}}}^{{{count}}}"
        picture = mark.encode() * 500
        entry_id = recent.add(NewEntry(time.time(), Reading(Kind.FORMULA, mark, 0.5), picture, b"thumb"))
        if count % 3 == 0:
            recent.update(entry_id, mark + "!")
            mark += "!"
        print(entry_id, mark, flush=True)


main()
