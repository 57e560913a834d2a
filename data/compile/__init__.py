"""Compiles the dated figures in `data/` from a folder of gathered public figures: `python -m data.compile FOLDER`.

It is here to say where every shipped figure comes from and by which rule it was chosen; nothing else in the product
needs the folder. The same folder gives the same bytes.
"""
