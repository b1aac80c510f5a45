def is_key(value) -> bool:
    """Whether a row can have it as its key; the database driver chokes on some that it cannot have."""
    return str(value).isascii() and str(value).isdigit() and len(str(value)) <= 18
