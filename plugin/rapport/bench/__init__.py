"""Measures a whole sidecar from outside, as a game would meet it.

The sidecar runs in a process of its own; this one receives its states, so that every latency is
from the capture of a frame to a decoded state in another process.
"""
