-- table.move with metamethods on both sides that loop.
-- load: budget
-- event: budget
local meta = { __index = function() return 1 end, __newindex = function() end }
while true do
  table.move(setmetatable({}, meta), 1, 900000, 2, setmetatable({}, meta))
end
