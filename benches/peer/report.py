"""Medians of the rounds of one pair, and how many times as long theirs took. Usage: report.py NAME FILE

The file alternates one JSON line of theirs (one number) with one of ours (any number of them).
"""

import json
import statistics
import sys


def main():
    name, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    theirs, ours = lines[::2], lines[1::2]
    (peer,) = theirs[0]
    peer_took = [line[peer] for line in theirs]
    print(f"{name}: {len(theirs)} rounds")
    print(f"  {peer}: median {statistics.median(peer_took):.2f} us, {min(peer_took):.2f} to {max(peer_took):.2f}")
    for ours_name in ours[0]:
        took = [line[ours_name] for line in ours]
        ratios = [a / b for a, b in zip(peer_took, took)]
        print(
            f"  {ours_name}: median {statistics.median(took):.2f} us, {min(took):.2f} to {max(took):.2f};"
            f" ratio of medians {statistics.median(peer_took) / statistics.median(took):.1f},"
            f" of rounds {min(ratios):.1f} to {max(ratios):.1f}"
        )


main()
