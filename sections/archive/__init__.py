"""A made-up archive of any size, for measuring: `manage.py make_archive`."""
