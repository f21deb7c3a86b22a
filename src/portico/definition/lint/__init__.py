"""The auth lint: what can hurt the users of a sign-in, found in apps that have no error (`docs/lint.md`)."""
