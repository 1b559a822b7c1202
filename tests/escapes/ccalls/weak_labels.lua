-- Names of many objects, which are kept by object.
-- load: budget|memory
-- event: budget|memory
local t = {}
while true do
  local x = {}
  t[#t + 1] = x
  tostring(x)
end
