-- A timer whose next time is a text.
-- load: ok|error
-- event: ok|error
local t = mall.every(0.05, function() end)
pcall(function() t.period = "5" end)
pcall(function() t.due = "5" end)
