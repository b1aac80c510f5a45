"""A news site as a tutorial would write it, on the portal's tables: what the portal is measured against."""
