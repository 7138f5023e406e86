"""The advice room: the whole answer to "an SMS came, nobody visited: what now?", computed for a case. Pure: facts and days are handed in."""

from arrears.advise.answer import Advice, advise
from arrears.advise.looked import Looked, look
from arrears.advise.text import as_json, as_text

__all__ = ["Advice", "Looked", "advise", "as_json", "as_text", "look"]
