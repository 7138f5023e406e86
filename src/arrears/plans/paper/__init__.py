"""Documents of plans: the agreement that both sides keep and the letters to creditors, set by Typst, the agreement signed as PDF.

Pure: texts, keys and instants are handed in; the same input gives the same bytes.
"""

from arrears.plans.paper.agreement import agreement
from arrears.plans.paper.creditor_letter import creditor_letter
from arrears.plans.paper.sheet import Sheet, sheet_pdf
from arrears.plans.paper.signature import Signature, certificate, read_signatures, sign

__all__ = ["Sheet", "Signature", "agreement", "certificate", "creditor_letter", "read_signatures", "sheet_pdf", "sign"]
