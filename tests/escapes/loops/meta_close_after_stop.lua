-- Variables to be closed loop when the budget's own error unwinds the stack.
-- load: budget
-- event: budget
local meta = { __close = function()
  while true do end
end }
local function nest(n)
  local x <close> = setmetatable({}, meta)
  if n > 0 then
    nest(n - 1)
  end
  while true do end
end
nest(40)
