"""Languages and time zones of visitors: which one somebody has, and what scripts need to know of it.

`zones` reads the time zone database, `locales` the CLDR data that the build took in; neither knows
of apps or requests. The client of both is the sandbox, where `Date` and `Intl` are computed.
"""
