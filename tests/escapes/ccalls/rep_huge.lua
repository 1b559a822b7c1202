-- rep with a count beyond every limit.
-- load: error
-- event: error
string.rep("x", 1 << 60)
