-- An error with newlines and control characters.
-- load: error
-- event: error
error("a\nb\r\n\27[31mred\27[0m\0", 0)
