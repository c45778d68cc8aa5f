"""The whole: captures, reads, fuses and publishes (`live`), or reads a clip through (`offline`).

This room alone knows every other one.
"""
