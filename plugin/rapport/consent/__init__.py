"""What the player allows: the texts that are shown, the ledger, and who may capture what.

Stands before capture and knows none of the other rooms: no device is opened, and nothing is
recorded, without asking `Gatekeeper.allows`.
"""
