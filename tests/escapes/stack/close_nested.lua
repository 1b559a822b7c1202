-- __close in __close in __close.
-- load: budget|memory
-- event: budget|memory
local meta = {}
local function f()
  local x <close> = setmetatable({}, meta)
  return x
end
meta.__close = function()
  f()
end
while true do
  pcall(f)
end
