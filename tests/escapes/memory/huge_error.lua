-- An error with a message of a megabyte.
-- load: error|memory
-- event: error|memory
error(string.rep("x", 1000000))
