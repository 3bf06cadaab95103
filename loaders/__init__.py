"""The outside world, read into checked frames: one module a source, one signature."""
