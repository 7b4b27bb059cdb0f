"""What `make docs` adds to the pages in `docs/`: the reference, and links both ways."""
