"""Parts that pages share; each owns its session keys."""
