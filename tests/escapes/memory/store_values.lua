-- The store filled with long values; it must refuse at its own limit.
-- load: ok
-- event: ok
for i = 1, 100 do
  local ok, e = pcall(mall.store.set, "k" .. i, string.rep("x", 5000))
  if not ok then
    assert(string.find(e, "store.quota", 1, true), e)
    return
  end
end
mall.log "ESCAPED the store has no limit"
