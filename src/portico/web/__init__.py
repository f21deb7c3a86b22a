"""The boundary: HTTP in, HTTP out. Decides nothing that a lower rank decides."""
