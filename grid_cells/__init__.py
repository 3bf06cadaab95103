"""What is true about cells and service: pure functions over frames and arrays."""
