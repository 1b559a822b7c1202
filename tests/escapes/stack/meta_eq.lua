-- Recursion by __eq.
-- load: error
-- event: error
local meta = {}
local a, b = setmetatable({}, meta), setmetatable({}, meta)
function meta.__eq(x, y)
  return x == y
end
local _ = a == b
