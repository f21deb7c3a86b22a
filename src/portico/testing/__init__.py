"""For authors of apps and of stores: what helps them to test theirs."""
