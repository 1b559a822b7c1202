-- Events that are none.
-- load: ok
-- event: ok
for _, name in ipairs { "x", "", 5, {}, true, "load", "moved", "pool_changed", "__index" } do
  if pcall(mall.on, name, function() end) then
    mall.log("ESCAPED event " .. tostring(name))
  end
end
for _, fn in ipairs { 5, "x", {}, true } do
  if pcall(mall.on, "tick", fn) then
    mall.log "ESCAPED handler"
  end
end
