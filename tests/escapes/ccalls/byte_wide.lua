-- string.byte of a whole long text.
-- load: error|memory
-- event: error|memory
local s = string.rep("x", 1000000)
select("#", string.byte(s, 1, -1))
