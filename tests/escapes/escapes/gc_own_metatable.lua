-- A table as its own metatable, and rings of metatables.
-- load: ok
-- event: ok
local a, b, c = {}, {}, {}
pcall(setmetatable, a, a)
pcall(setmetatable, a, b)
pcall(setmetatable, b, c)
pcall(setmetatable, c, a)
for _, t in ipairs { a, b, c } do
  pcall(function() t.__gc = print end)
  pcall(function() t.__mode = "k" end)
  if rawget(t, "__gc") or rawget(t, "__mode") then
    mall.log "ESCAPED in a ring"
  end
end
