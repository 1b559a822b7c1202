"""Style sheet and script of the console; nothing comes from other hosts."""
