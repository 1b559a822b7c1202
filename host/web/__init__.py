"""The web console: server-rendered pages beside the world, in a process of its own."""
