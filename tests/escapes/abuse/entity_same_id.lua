-- Entities with the same id.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 }, id = "same" }
if pcall(mall.world.spawn, { at = { 1, 0, 1 }, id = "same" }) then
  mall.log "ESCAPED two entities with one id"
end
e:remove()
