-- __close loops while an error passes.
-- load: budget
-- event: budget
local x <close> = setmetatable({}, { __close = function()
  while true do end
end })
error("x")
