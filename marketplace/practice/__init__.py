"""The hands behind the practice market: a learner comes in by a signed hand-off from their real account, gets a farm
that is open, a buyer who orders when asked, a clerk who scans, a bank that pays, and a way back that reports what
they did.

The practice market is the whole application on its own database. Nothing of it is asked "is this practice?" anywhere
else; these pages answer 404 in the real market, and the real market learns one thing only: which steps were practised
(`training.service.report_practice`), carried by the learner's own browser in a signed word.

Verbs: come_in, bring_order, carry_on, pay_out, begin_again.
"""
