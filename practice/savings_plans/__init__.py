"""Savings Plans: what is offered, at rates that are assumptions and say so, and the plans that this account bought."""
