-- Many variables to be closed, each close does much.
-- load: budget
-- event: budget
local meta = { __close = function()
  for i = 1, 1e7 do
    local _ = i
  end
end }
while true do
  local a <close> = setmetatable({}, meta)
  local b <close> = setmetatable({}, meta)
  local c <close> = setmetatable({}, meta)
end
