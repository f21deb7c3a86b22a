"""Settings for every test."""

from hypothesis import settings

# Speed is no property under test: machines that run tests are sometimes slow.
settings.register_profile("portico", deadline=None, print_blob=True)
settings.load_profile("portico")
