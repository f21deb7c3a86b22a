"""Properties to HTML: widgets, pages, theme, and what the browser needs to run them."""
