-- The real globals through load with other environments.
-- load: ok
-- event: ok
local g = load("return _G")()
local h = load("return _ENV", "x", "t")()
local i = load("return _ENV", "x", "t", nil)()
for _, t in ipairs { g, h, i } do
  if t ~= _G or t.io or t.debug or t.package then
    mall.log "ESCAPED real globals"
  end
end
for _, scope in ipairs { 1, "x", true, print } do
  local ok, f = pcall(load, "return _ENV", "x", "t", scope)
  if ok and f and f() ~= scope then
    mall.log "ESCAPED environment"
  end
end
