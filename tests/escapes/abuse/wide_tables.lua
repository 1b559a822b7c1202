-- A table of a hundred thousand values stored and sent.
-- load: budget|memory
-- event: budget|memory
local t = {}
for i = 1, 50000 do
  t[i] = i
end
while true do
  if pcall(mall.store.set, "k", t) or pcall(mall.bus.send, "probe/file:x", t) then
    mall.log "ESCAPED a wide table"
  end
end
