-- A timer whose owner is an object that runs code when it is looked up.
-- load: ok|error
-- event: ok|error
local t = mall.every(0.05, function() end)
pcall(function()
  t.owner = setmetatable({}, { __index = function()
    while true do end
  end, __eq = function()
    while true do end
  end })
end)
