"""Papers for the court and around it, from the facts of a case: kinds as data, blocks, tables, PDF, index. Pure."""

from arrears.legal.papers.build import Kind, kinds
from arrears.legal.papers.bundle import Bundle, Paper, bundle_of
from arrears.legal.papers.values import Creditor

__all__ = ["Bundle", "Creditor", "Kind", "Paper", "bundle_of", "kinds"]
