"""`python -m mailgun_emulator`."""

from mailgun_emulator.entry import main

main()
