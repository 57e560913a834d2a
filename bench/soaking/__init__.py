"""What must hold when AWS misbehaves and processes die, as figures: `python -m bench.soaking [subject …]`.

Every subject takes how many rounds to make; tests take few and `make soak` takes as many as its figures name.
"""
