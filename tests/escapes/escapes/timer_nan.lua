-- A timer that is due at a time that is no number.
-- load: ok|error
-- event: ok|error
local t = mall.every(0.05, function() end)
pcall(function() t.due = 0 / 0 end)
pcall(function() t.period = 0 / 0 end)
