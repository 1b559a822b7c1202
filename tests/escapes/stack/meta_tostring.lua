-- Recursion by __tostring.
-- load: error|budget|memory
-- event: error|budget|memory
local t = setmetatable({}, { __tostring = function(self)
  return tostring(self)
end })
tostring(t)
