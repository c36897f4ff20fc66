"""`python -m bondfire.cli`, for where the `bondfire` script is not on the path."""

from bondfire.cli.app import main

main()
