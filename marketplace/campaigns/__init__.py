"""Vouchers, harvest drives and pre-sale. So far the record and its life; verbs and pages come with their own work.

Campaign: draft → open → reached or missed → closed.
"""
