"""Evidence in, emotion state out: gate, mixture, incongruence, trajectory."""

from rapport.fusion.fuse import Fusion
from rapport.fusion.parameters import Parameters

__all__ = ["Fusion", "Parameters"]
