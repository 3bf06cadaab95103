"""Laws are judged by their answers: on a busy machine a deadline would judge the machine."""

from hypothesis import settings

settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")
