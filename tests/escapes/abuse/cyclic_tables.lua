-- Tables that contain themselves.
-- load: ok
-- event: ok
local t = {}
t.t = t
local u = {}
u[1] = u
for _, x in ipairs { t, u } do
  for _, f in ipairs {
    function() mall.store.set("k", x) end, function() mall.bus.send("probe/file:x", x) end, function() mall.ui.show(mall.players.all()[1], { column = { x } }) end,
  } do
    if pcall(f) then
      mall.log "ESCAPED a ring"
    end
  end
end
