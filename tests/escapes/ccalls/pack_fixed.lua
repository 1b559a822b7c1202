-- A fixed text of a gigabyte.
-- load: error|memory
-- event: error|memory
string.pack("c1000000000", "x")
