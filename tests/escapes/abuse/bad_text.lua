-- Texts that are not UTF-8, everywhere a text goes.
-- load: ok
-- event: ok
local bad = { "\255", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\xc0\x80", string.rep("\xe2\x82", 50) }
for _, s in ipairs(bad) do
  for _, f in ipairs {
    function() mall.world.spawn { at = { 1, 0, 1 }, label = s } end, function() mall.store.set("k", s) end, function() mall.store.set(s, 1) end,
    function() mall.store.set("k", { [s] = 1 }) end, function() mall.bus.send("probe/file:x", s) end,
    function() mall.world.spawn { at = { 1, 0, 1 }, state = { a = s } } end,
  } do
    if pcall(f) then
      mall.log "ESCAPED bytes that are no text"
    end
  end
  mall.log(s)
  for _, p in ipairs(mall.players.all()) do
    pcall(p.say, p, s)
    pcall(mall.ui.toast, p, s)
    pcall(mall.ui.show, p, { text = s })
    pcall(p.t, p, s)
  end
  pcall(error, s)
end
