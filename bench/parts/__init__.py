"""The parts of the benchmark. Each measures on a stand and gives rows of the table."""
