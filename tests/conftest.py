"""Settings for all tests."""

from hypothesis import settings

# A busy machine is no fault: no random test has a deadline.
settings.register_profile("ossign", deadline=None)
settings.load_profile("ossign")
