-- Every global removed.
-- load: ok
-- event: ok
local G, next_key = _G, next
if not G then
  return
end
local log = mall.log
local names = {}
for name in pairs(G) do
  names[#names + 1] = name
end
for _, name in next_key, names do
  G[name] = nil
end
log "empty"
