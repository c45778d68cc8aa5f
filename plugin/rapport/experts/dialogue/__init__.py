"""Dialogue: what emotion a line of text expresses."""

from rapport.experts.dialogue.expert import TextExpert

__all__ = ["TextExpert"]
