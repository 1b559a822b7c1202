-- The iterator of utf8.codes on another text.
-- load: budget
-- event: budget
local s = ("\x80"):rep(800000)
local f = utf8.codes "a"
while true do f(s,1) f(s,1) f(s,1) f(s,1) f(s,1) f(s,1) end
