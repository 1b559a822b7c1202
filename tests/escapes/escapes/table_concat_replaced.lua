-- table.concat and the rest replaced by functions that loop, then the API is used.
-- load: ok
-- event: ok
local log = mall.log
for name in pairs(table) do
  table[name] = function()
    log("ESCAPED the sandbox called table." .. name)
    while true do end
  end
end
log "x"
mall.store.set("a", { 1, 2, { 3 } })
for _, p in ipairs(mall.players.all()) do
  mall.ui.toast(p, "hello")
end
