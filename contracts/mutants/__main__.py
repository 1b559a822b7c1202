"""Hunts mutants: `python -m contracts.mutants [WORD...]`, all of them or those whose file, test or rule has a word."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from contracts.errors import ChainError
from contracts.mutants import hunt, read


def main(arguments: list[str] | None = None) -> int:
    """Prints each outcome; the exit code is 1 when one survived."""
    parser = argparse.ArgumentParser(prog="python -m contracts.mutants", description=__doc__.splitlines()[0])
    parser.add_argument("words", nargs="*", metavar="WORD")
    words = [word.lower() for word in parser.parse_args(arguments).words]
    try:
        chosen = [
            mutant
            for mutant in read()
            if not words
            or any(word in f"{mutant.file} {mutant.test} {mutant.rule}".lower() for word in words)
        ]
        survived = 0
        with tempfile.TemporaryDirectory() as folder:
            for outcome in hunt(chosen, Path(folder)):
                mutant = outcome.mutant
                survived += not outcome.by
                told = f"killed by {outcome.by[0]}" if outcome.by else "SURVIVED"
                print(f"{told}: {mutant.rule} ({mutant.file}, {mutant.test})", flush=True)
    except ChainError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(chosen) - survived} killed, {survived} survived")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
