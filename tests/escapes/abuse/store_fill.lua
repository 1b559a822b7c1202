-- The store filled to its last byte.
-- load: ok
-- event: ok
local n = 0
while pcall(mall.store.set, "k" .. n, string.rep("x", 100)) do
  n = n + 1
  if n > 2000 then
    mall.log "ESCAPED the store has no end"
    break
  end
end
for _, p in ipairs(mall.players.all()) do
  pcall(p.store.set, "k", string.rep("x", 1000))
end
