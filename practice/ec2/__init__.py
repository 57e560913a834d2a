"""What of EC2 is this account's own; the rest is moto's."""
