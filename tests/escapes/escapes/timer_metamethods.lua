-- A timer whose times are objects that run code when they are compared or added, outside every budget.
-- load: ok|error
-- event: ok|error
local ran = 0
local function trap()
  ran = ran + 1
  if ran > 3 then
    while true do end
  end
  return true
end
local object = setmetatable({}, { __lt = trap, __le = trap, __add = trap, __sub = trap, __eq = trap, __index = trap })
local t = mall.every(0.05, function() end)
pcall(function() t.due = object end)
pcall(function() t.period = object end)
