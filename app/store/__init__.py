"""The only SQL: one function a question, bound parameters."""
