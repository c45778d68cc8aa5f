"""Evidence in, emotion state out: gate, mixture, incongruence, trajectory."""

from rapport.fusion.fuse import Fusion

__all__ = ["Fusion"]
