"""What `mall new` writes, by kind; see host/preview/scaffold.py."""
