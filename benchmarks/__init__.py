"""How fast the package is: ratios, measured side by side. `make bench` prints them."""
