"""Who may do what, in which order: check, read, call the core, save with an audit event."""
