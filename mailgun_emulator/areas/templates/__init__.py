"""Templates of domains and of the account: keeping their versions, and rendering them."""
