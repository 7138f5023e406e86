"""The fold itself: plain functions over int64 arrays, written once, run compiled or step by step.

The modules import one another relatively, so that `arrears.replay.compiled` can load the package a second time in compiled form.
The rules are those of docs/reference/money.md; the numbers in the comments refer to them.
"""
