-- __gc set by loaded code with the metatable as environment.
-- load: ok
-- event: ok
local m = {}
setmetatable({}, m)
local f = load("__gc = 1 __mode = 'k'", "x", "t", m)
pcall(f)
if rawget(m, "__gc") or rawget(m, "__mode") then
  mall.log "ESCAPED __gc by _ENV"
end
