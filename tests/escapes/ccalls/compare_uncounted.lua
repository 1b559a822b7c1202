-- Comparisons of a text that C built in a buffer.
-- load: budget
-- event: budget
local a = ("\0"):rep(800000)
while true do local t = a<a end
