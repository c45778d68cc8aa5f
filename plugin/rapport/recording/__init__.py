"""States, events and line ids to a file and back; scripts that play a player.

Never a pixel, a sample or a word that was said: `tables` lists every field that is written.
"""
