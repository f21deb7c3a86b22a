"""From an app's files to the model: every problem with its place, what was found, and the remedy."""
