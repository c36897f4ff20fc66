"""The command line: what an engineer, a marketer or an auditor types, and what they read.

Owns: the commands, their help, how results and refusals look, progress, exit codes. Does not own: any
rule; a command reads its arguments, calls one act of a lower folder, commits, and shows the answer.
Invariants: with `--json` stdout holds exactly one JSON object; exit codes are 0 done, 1 refused, 2 not
understood, 130 stopped by Ctrl-C with nothing half done; help needs no heavy library.
"""

from bondfire.cli.app import main

__all__ = ["main"]
