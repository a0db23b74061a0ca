"""Farms: households, co-operatives and companies that sell, and the steps by which they come on board.

Farm: applying → open ⇄ suspended; open ⇄ on_holiday; closed. A farm sells only while it is open.
Guided steps (who you are, your farm, address and pin, how you get paid) are data in onboarding.py, saved one by one,
then submitted as a dossier; when the dossier is approved the farm opens (a reaction of now in wiring.py).
What a personal id and a tax code may look like is in identity.py, the banks in banks.py. Both numbers are sealed
(foundation/sealing.py) and shown only by their end. A changed bank account holds payouts for three days.
"""
