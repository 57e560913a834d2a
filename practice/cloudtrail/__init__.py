"""CloudTrail's event history: every management call that changes something, on the account's clock."""
