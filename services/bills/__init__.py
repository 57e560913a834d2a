"""The bill: what AWS reports, from its own exports, a day late and to the cent.

Files are read by the rules of their format into one shape, kept by month beside a daily rollup, and asked with one set
of queries. What the deck reckons by itself, minutes late, is `services.meter`; the two are never mixed in silence.
"""
