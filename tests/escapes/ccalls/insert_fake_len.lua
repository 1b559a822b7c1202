-- table.insert and remove must not believe __len.
-- load: ok
-- event: ok
local t = setmetatable({}, { __len = function() return 1 << 40 end })
pcall(table.insert, t, 1, "x")
pcall(table.remove, t, 1)
pcall(table.insert, t, "x")
pcall(table.unpack, t)
pcall(table.sort, t)
