-- A __close catches the budget's error with pcall and goes on.
-- load: budget
-- event: budget
local meta = { __close = function()
  while true do
    pcall(function()
      while true do end
    end)
  end
end }
while true do
  pcall(function()
    local x <close> = setmetatable({}, meta)
    while true do end
  end)
end
