"""Tags of a domain, the older API: they come with the first message that carries them."""
