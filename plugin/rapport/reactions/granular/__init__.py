"""Granular states: what the evidence of many seconds together is called in everyday words.

docs/granular.md describes them for people.
"""

from rapport.reactions.granular.follow import GranularStates

__all__ = ["GranularStates"]
