-- Raw methods on handles must not be called by the API.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
for _, name in ipairs { "set", "remove", "at", "id", "alive", "tags" } do
  pcall(rawset, e, name, function()
    mall.log("ESCAPED the sandbox called a raw " .. name)
  end)
end
for _, p in ipairs(mall.players.all()) do
  pcall(rawset, p, "id", function()
    mall.log "ESCAPED id"
  end)
  pcall(mall.ui.toast, p, "x")
end
mall.world.find "x"
mall.world.near({ 1, 0, 1 }, 5)
