"""Dossiers: papers that go through four stages (receive → appraise → approve → return) for any procedure that is
described as data (Decree 118/2025/NĐ-CP; slip fields of Circular 03/2025/TT-VPCP).

drafting → submitted → received → appraised → approved or refused → returned; needs_papers pauses the clock and leads
back to submitted; withdrawn while nobody decided.

Rooms above open a dossier for their subject (a farm) and react to DossierApproved; this room does not know what a
farm is.
"""
