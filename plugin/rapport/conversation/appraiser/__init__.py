"""The appraiser: asks a language model what it makes of the conversation; off by default.

What a player says reaches it only as quoted text inside a prompt, its answer only as numbers in
their ranges, and its weight is the gate's to give.
"""
