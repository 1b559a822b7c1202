-- load must ignore a mode and refuse a reader that gives bytecode.
-- load: ok
-- event: ok
local f = load("return 1", "x", "b")
if f and f() ~= 1 then
  mall.log "ESCAPED mode"
end
local given = false
local ok, g = pcall(load, function()
  if given then
    return nil
  end
  given = true
  return "\27Lua"
end)
if ok and g then
  mall.log "ESCAPED reader"
end
