-- Recursion by __concat.
-- load: error
-- event: error
local t = setmetatable({}, { __concat = function(a, b)
  return a .. b
end })
local _ = t .. t
