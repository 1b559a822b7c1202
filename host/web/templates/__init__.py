"""Jinja templates of the console; everything in them is escaped unless it is our own markup."""
