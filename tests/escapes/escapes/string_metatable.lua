-- The metatable of strings.
-- load: ok
-- event: ok
local m = getmetatable ""
if m ~= false and m ~= nil then
  mall.log "ESCAPED metatable of strings"
end
for _, f in ipairs { setmetatable, rawset } do
  if pcall(f, "", {}) or pcall(f, "x", "y", {}) then
    mall.log "ESCAPED change of strings"
  end
end
