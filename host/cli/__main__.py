"""`python -m host.cli` is the `mall` command."""

from host.cli import main

main()
