-- rep whose size would overflow.
-- load: error
-- event: error
string.rep(string.rep("x", 1000), math.maxinteger)
