"""The wire formats the embedded auth server speaks, one module family each."""
