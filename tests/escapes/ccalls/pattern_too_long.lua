-- A pattern above the limit.
-- load: error
-- event: error
string.find("x", string.rep("a", 100000))
