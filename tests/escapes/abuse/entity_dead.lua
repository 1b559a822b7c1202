-- Entities that are gone.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
e:remove()
for _, f in ipairs {
  function() e:remove() end, function() e:set { yaw = 1 } end, function() e:get "at" end, function() e:on("interact", function() end) end,
  function() mall.after(1, function() end, e) end,
} do
  if pcall(f) then
    mall.log "ESCAPED a dead entity"
  end
end
tostring(e)
local _ = e.id, e.tags, e.alive
