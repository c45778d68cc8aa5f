"""Voice: is the player speaking, how well is it heard, and how does it sound."""

from rapport.experts.voice.expert import VoiceExpert

__all__ = ["VoiceExpert"]
