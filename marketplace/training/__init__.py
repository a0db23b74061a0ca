"""Trainers bring new sellers to their first sale.

A class is held in a commune on a day; farmers join it on their own phone with six digits, or a trainer writes them
down. What a learner has reached is never ticked: it is read off what they truly did (a number proved, a farm
approved, a
first order delivered), and only of those who said yes to being seen.

    TrainingClass   open → closed ⇄ open, open → cancelled
    Learner         listed → joined → left → joined
                    listed: written down by a trainer, has not said yes; joined: by their own hand; left: no longer
                    seen

Verbs: plan, change, cancel, close, reopen, hand_over, add_assistant, remove_assistant; write_down, join, leave,
attend, miss, nudge; report_practice. Help with consent is in `assisted`, the steps to the first sale in `steps`, the
texts to read in `lessons`, the signed words to and from the practice market in `bridge`. Pages: /join and /lessons
(everybody), /learn (a learner's own), /train (trainers, who see their own classes and nobody else's).
"""
