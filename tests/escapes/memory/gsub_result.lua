-- A result of gsub that is too long.
-- load: budget|memory|error
-- event: budget|memory|error
local s = string.rep("a", 1000000)
string.gsub(s, "a", "aaaaaaaa")
