"""Facts + policy → Decision, with every reason. Pure: plain values in, plain values out."""

from kiosk.screening import facts, policy
from kiosk.screening.decide import Needs, decide, explain, needs
from kiosk.screening.rulebook import Policy, Question

__all__ = ["Needs", "Policy", "Question", "decide", "explain", "facts", "needs", "policy"]
