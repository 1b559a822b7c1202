-- Long comparisons whose left side ends in the text of a call.
-- load: budget
-- event: budget
local a = ("\0"):rep(800000)
local function f() return a end
for i = 1, 1e9 do local x = f"" < a end
