"""Emotion states in, reactions out: granular states, profiles, what they fire."""
