"""Cells started here are measured too, when coverage is: their first process then starts with site-packages."""

import os
import sys

from practice.machines import isolations

if "COVERAGE_PROCESS_CONFIG" in os.environ:
    isolations.INIT[:] = [sys.executable, "-m", "practice.machines.cell_init"]
    isolations.INIT_ENVIRONMENT["COVERAGE_PROCESS_CONFIG"] = os.environ["COVERAGE_PROCESS_CONFIG"]
