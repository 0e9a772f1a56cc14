"""How fast hdhplan is, in ratios taken in one run: ``python -m benchmarks``. Never a test, never CI."""
