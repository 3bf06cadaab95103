"""The application: store, use cases, maps, widgets, server and commands."""
