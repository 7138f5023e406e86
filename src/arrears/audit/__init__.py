"""The audit room: a contact log, ours or anyone's, held against the law packs by code that shares nothing with the guard.

The guard says beforehand whether a contact may be made; the auditor says afterwards which contacts of a log broke which clause. It
reads the same clauses (the YAML files, by a reader of its own) and works in SQL on DuckDB, with that library's calendar and time
zones. Where both agree on millions of contacts, a slip would have to be made twice. `import-linter` keeps the two apart.
"""

from arrears.audit.log import read_log
from arrears.audit.mapping import LogMapping, load_log_mapping
from arrears.audit.report import Audit, Violation, audit

__all__ = ["Audit", "LogMapping", "Violation", "audit", "load_log_mapping", "read_log"]
