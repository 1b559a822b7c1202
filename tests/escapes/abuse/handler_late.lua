-- Declarations after the load.
-- load: error
-- event: ok
if #mall.players.all() == 0 then
  error "at load nothing is late"
end
for _, f in ipairs {
  function() mall.on("tick", function() end) end, function() mall.match.define {} end, function() mall.bus.on("a/b:c", function() end) end,
} do
  if pcall(f) then
    mall.log "ESCAPED a late declaration"
  end
end
