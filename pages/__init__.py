"""One script per menu entry: title, inputs, one use case, show."""
