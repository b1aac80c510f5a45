"""How much of a file a parser is willing to take in; beyond it the file is Unreadable."""

MAX_BYTES = 32 * 1024 * 1024
# Elements in elements, objects in objects. Real files stay under 20; walking is recursive.
MAX_DEPTH = 100
