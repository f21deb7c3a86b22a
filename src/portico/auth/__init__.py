"""The heart: who is signed in, and what they may open. Knows no framework, file format or database."""
