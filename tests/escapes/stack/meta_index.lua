-- Recursion by __index functions.
-- load: error
-- event: error
local t = setmetatable({}, { __index = function(self, k)
  return self[k + 1]
end })
local _ = t[1]
