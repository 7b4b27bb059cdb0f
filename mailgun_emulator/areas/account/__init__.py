"""The account itself; here only the key that signs what the emulator posts."""
