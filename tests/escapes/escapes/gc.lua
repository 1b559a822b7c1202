-- __gc runs without a hook and must not be had.
-- load: ok
-- event: ok
local function trap()
  mall.log "ESCAPED __gc"
  while true do end
end
local m = {}
pcall(setmetatable, {}, { __gc = trap })
setmetatable({}, m)
pcall(function() m.__gc = trap end)
pcall(rawset, m, "__gc", trap)
pcall(setmetatable, m, { __newindex = m })
pcall(function() m.__gc = trap end)
pcall(table.insert, m, "__gc")
pcall(table.move, { trap }, 1, 1, 1, m)
if rawget(m, "__gc") then
  mall.log "ESCAPED __gc is set"
end
for i = 1, 3000 do
  local _ = setmetatable({ i }, m)
end
