"""The first process of a cell: `python -S -m practice.machines.cell_init`. Standard library only, quick to start."""
