"""An auth API for development and tests: a stranger to the rest of Portico, reached over HTTP only."""
