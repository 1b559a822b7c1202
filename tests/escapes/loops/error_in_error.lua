-- Error objects whose metamethods raise, re-raised for ever.
-- load: budget
-- event: budget
local meta = { __tostring = function(self)
  error(self)
end }
while true do
  pcall(error, setmetatable({}, meta))
end
