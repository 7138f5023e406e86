"""Arguments of `seal`, `verify-log`, `erase`, `rotate-keys`, `backup`, `restore`: what makes the store trusted."""

from __future__ import annotations

from typing import Any

from arrears.cli.arguments import command, configured


def add(commands: Any) -> None:
    """Add the commands."""
    _log(commands)
    _people(commands)
    _copies(commands)


def _log(commands: Any) -> None:
    seal = command(commands, "seal", "trust:seal_", "seal what was recorded since the last seal", worded=False)
    configured(seal)
    verify = command(commands, "verify-log", "trust:verify_log_", "recompute every seal of the log", worded=False)
    configured(verify)
    verify.add_argument(
        "--heads", metavar="FILE", help="heads known from outside the database (default: those of the installation)"
    )


def _people(commands: Any) -> None:
    erase = command(commands, "erase", "trust:erase_", "destroy a person's key; money facts and log stay", worded=False)
    configured(erase)
    erase.add_argument("person", metavar="PERSON", help="id of the person")
    erase.add_argument(
        "--why", metavar="TEXT", required=True, help="reference or ground, kept in the log for good; nothing personal"
    )
    rotate = command(commands, "rotate-keys", "trust:rotate_keys", "wrap all keys under a new master key", worded=False)
    configured(rotate)
    rotate.add_argument(
        "--tokens", action="store_true", help="the key by which numbers and mailboxes are found, not the master key"
    )
    rotate.add_argument(
        "--destroy-old", action="store_true", help="then destroy the older keys; older backups become unreadable"
    )


def _copies(commands: Any) -> None:
    backup = command(
        commands, "backup", "trust:backup_", "all of the store into one file, while it works", worded=False
    )
    configured(backup)
    backup.add_argument("file", metavar="FILE", help="the file to be made")
    restore = command(commands, "restore", "trust:restore_", "a backup into an empty database", worded=False)
    restore.add_argument("file", metavar="FILE", help="the backup")
    restore.add_argument(
        "--to", metavar="URL", required=True, help="the empty database: sqlite:///FILE or postgresql://…"
    )
    restore.add_argument(
        "--heads", metavar="FILE", help="heads known from outside the backup, to verify the log against"
    )
    restore.add_argument("--erasures", metavar="FILE", help="the list of erasures: whoever is in it is erased again")
