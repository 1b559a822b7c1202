-- Weak keys must not be had, as one step of their collection is quadratic.
-- load: ok
-- event: ok
for _, mode in ipairs { "k", "kv", "v" } do
  if pcall(setmetatable, {}, { __mode = mode }) then
    mall.log "ESCAPED __mode"
  end
  local m = {}
  setmetatable({}, m)
  pcall(function() m.__mode = mode end)
  pcall(rawset, m, "__mode", mode)
  if rawget(m, "__mode") then
    mall.log "ESCAPED __mode later"
  end
end
