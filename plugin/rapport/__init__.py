"""Rapport: a local sidecar that tells a game how its player seems to feel."""
