-- __call calls itself for ever.
-- load: budget
-- event: budget
local t = setmetatable({}, { __call = function(self)
  return self()
end })
t()
