#!/usr/bin/env python3
"""Prints the table of TRACES.md from what `mapstorm conform trace --json FILE...` prints.

    ./mapstorm conform trace --json traces/*.gz | docs/traces_table.py [OLD-TABLE]

The columns "before" and "what the rest hangs on" are kept from an old table, by the trace's name.
"""

import json
import os
import re
import sys


def kept(path):
    """The last two columns of each row of a table, by trace."""
    rows = {}
    with open(path, encoding="utf-8") as table:
        for line in table:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if line.startswith("|") and len(cells) == 7:
                rows[cells[0]] = cells[5:]
    return rows


def row(name, report, last):
    found = report["invalidations"]
    predicted = report["decidable"] > 0 or report["notDecidable"]
    invalidations = str(found["descriptors"])
    if predicted:
        invalidations += " (%d differ)" % found["mismatches"]
    counts = ["decidable", "explained"]
    cells = [name, report["allocations"]]
    cells += [report[count] if predicted else "-" for count in counts]
    return "| " + " | ".join(str(cell) for cell in cells + [invalidations] + last) + " |"


def main():
    old = kept(sys.argv[1]) if len(sys.argv) > 1 else {}
    print("| trace | allocations | decidable | explained | invalidations | before | what the rest hangs on |")
    print("|---|---|---|---|---|---|---|")
    for result in json.load(sys.stdin)["files"]:
        name = re.sub(r"(\.(trace|report|script|txt|gz))*$", "", os.path.basename(result["file"]))
        print(row(name, result["report"], old.get(name, ["", ""])))


main()
