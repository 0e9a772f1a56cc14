"""Definitions and conversions: the only constants in the code."""

from __future__ import annotations

#: [TB/day] carried by a fully used 1 Gbit/s link: 1e9 / 8 byte/s * 86 400 s / 1e12.
TB_PER_DAY_PER_GBPS = 10.8
#: [s/day]
SECONDS_PER_DAY = 86_400.0
#: [d] mean length of a month: 365.25 / 12, rounded as price lists do.
DAYS_PER_MONTH = 30.44
#: [wd] of a mean month: 252 working days of a French year, over 12.
WORKING_DAYS_PER_MONTH = 21.0
#: [d] mean length of a Julian year.
DAYS_PER_YEAR = 365.25
#: [PB/TB]
PB_PER_TB = 1e-3
#: [byte/TB] decimal
BYTES_PER_TB = 1e12
#: [d] "never", inside the engine: finite, so that sums and comparisons stay ordinary numbers.
NEVER_DAY = float(2**20)
#: [d] calendars are tabulated this far from the start of a plan; later dates count as never.
HORIZON_DAYS = 40 * 366
