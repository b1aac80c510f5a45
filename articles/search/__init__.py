"""Full-text search in the database.

`indexing` writes what a story shows into the index, in the transaction that shows it. `queries` reads what
somebody typed, `finding` finds the stories, through the engine of the database in use; none of them says
who may see what is found: that is Story.objects.public, and its callers ask it.
"""
