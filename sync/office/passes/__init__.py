"""出入证: who gets one (wanted, workbook), the register, lists in bulk, links for phones, sheets to print (paper)."""

from sync.office.passes.register import Passes

__all__ = ["Passes"]
