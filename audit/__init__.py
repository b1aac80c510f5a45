"""Looks at the running portal from outside, with the tools that the web is checked by: `make audit`."""
