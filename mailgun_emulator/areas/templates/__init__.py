"""Templates of a domain and their versions: keeping them; rendering is not done here."""
