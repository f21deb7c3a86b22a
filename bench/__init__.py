"""Measures Portico, and the same login app in NiceGUI and in Streamlit, side by side: `make bench`."""
