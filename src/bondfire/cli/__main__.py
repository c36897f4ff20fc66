"""`python -m bondfire.cli`, for where the `bondfire` script is not on the path."""

from bondfire.cli.app import main

if __name__ == "__main__":  # processes of an import load this module again
    main()
