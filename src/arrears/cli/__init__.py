"""The command line: thin, fast to start, clear when something is wrong.

Exit codes: 0 done, 1 something found, 2 misuse. Errors go to standard error and show no traceback.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns (and as a script exits with) its exit code."""
    from arrears.cli.parser import parse

    try:
        arguments = parse(argv)
        code = int(arguments.run(arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except KeyboardInterrupt:
        print("interrupted; what was finished stays", file=sys.stderr)
        code = 130
    except Exception as error:
        code = _refused(error)
    if argv is None:
        sys.exit(code)
    return code


def _refused(error: Exception) -> int:
    """Print what is wrong; re-raise only what is a fault of the program under development."""
    from arrears.errors import Refusal

    if isinstance(error, Refusal):
        for finding in error.findings:
            print(f"arrears: {finding}", file=sys.stderr)
        return error.exit_code
    if os.environ.get("ARREARS_TRACEBACK"):
        raise error
    if isinstance(error, OSError):
        print(f"arrears: {error.filename or ''}: {error.strerror or error}", file=sys.stderr)
        return 2
    print(f"arrears: unexpected fault: {type(error).__name__}; set ARREARS_TRACEBACK=1 to see where", file=sys.stderr)
    return 2
