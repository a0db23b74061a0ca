"""Cancellations, returns and disputes with postal evidence. So far the record and its life; verbs and pages come with
their own work.

Claim: opened → answered → decided → appealed → closed.
"""
