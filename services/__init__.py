"""The program: rules and use cases of the deputy home, free of HTTP, queues and Redis."""
