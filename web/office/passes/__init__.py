"""出入证: the register (search, one pass, issuing anew, revoking), issuing, lists out of Excel, sheets and links."""

from web.office.passes import issuing, lists, papers, register
from web.office.passes.blueprint import blueprint

__all__ = ["blueprint", "issuing", "lists", "papers", "register"]
