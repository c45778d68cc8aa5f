"""The face expert: track, crop, judge and read one face a frame."""
