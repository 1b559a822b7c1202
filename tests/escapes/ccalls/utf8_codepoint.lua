-- utf8.codepoint of a whole long text.
-- load: error|memory
-- event: error|memory
local s = string.rep("\u{e9}", 400000)
select("#", utf8.codepoint(s, 1, -1))
