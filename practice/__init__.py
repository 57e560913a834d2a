"""An AWS account that lives on this machine: `python -m practice --port N --home DIR`.

It speaks the AWS protocols on loopback, so any AWS client can use it, and knows nothing of the deck.
"""

ACCOUNT_ID = "123456789012"
"""The account every practice resource belongs to; the number AWS uses in its own documentation."""
