-- More handlers on one entity than there may be.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
local n = 0
while pcall(e.on, e, "interact", function() end) do
  n = n + 1
  if n > 100 then
    mall.log "ESCAPED handlers of an entity"
    break
  end
end
e:remove()
