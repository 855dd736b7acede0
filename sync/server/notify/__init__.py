"""Messages to tenants by GOV.UK Notify: queued with the visit they tell of, sent later, never twice.

Only the server knows the key. Nothing is queued before a visit is confirmed (`scheduling.notifier`).
"""
