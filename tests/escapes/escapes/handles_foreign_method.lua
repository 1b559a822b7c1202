-- Methods of one kind of handle called on another kind.
-- load: ok
-- event: ok
local e = mall.world.spawn { at = { 1, 0, 1 } }
for _, p in ipairs(mall.players.all()) do
  for _, pair in ipairs { { p.say, e }, { e.remove, p }, { e.set, p }, { p.at, e }, { p.teleport, {} }, { e.get, nil }, { p.t, 5 } } do
    if pcall(pair[1], pair[2], { at = { 1, 0, 1 } }) then
      mall.log "ESCAPED a method took a foreign handle"
    end
  end
end
