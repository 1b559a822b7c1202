-- Long parts of a text as keys.
-- load: budget
-- event: budget
local a = ("x"):rep(900000)
local t, sub = {1}, string.sub
while true do local x = t[sub(a,2)] end
