-- __tostring loops, called by tostring, format and the log.
-- load: budget
-- event: budget
local x = setmetatable({}, { __tostring = function()
  while true do end
end })
while true do
  pcall(tostring, x)
  pcall(string.format, "%s", x)
  pcall(mall.log, x)
end
