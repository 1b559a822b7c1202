-- Tables nested deeper than may be sent.
-- load: ok
-- event: ok
local t = {}
for _ = 1, 200 do
  t = { t }
end
for _, f in ipairs { function() mall.store.set("k", t) end, function() mall.bus.send("probe/file:x", t) end } do
  if pcall(f) then
    mall.log "ESCAPED a deep table"
  end
end
