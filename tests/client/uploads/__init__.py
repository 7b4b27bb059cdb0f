"""Files on their way out: names and contents, sources, memory."""
