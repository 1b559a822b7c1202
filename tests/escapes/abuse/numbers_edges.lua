-- Numbers at every edge, in data.
-- load: ok
-- event: ok
for _, x in ipairs { math.maxinteger, math.mininteger, 1e308, -1e308, 5e-324, -0.0, 2^53, 2^63, 0.1, 127, 128, -1, -128, 1 << 32 } do
  mall.bus.send("probe/file:x", { x })
  mall.store.set("k", x)
  if mall.store.get "k" ~= x then
    mall.log("ESCAPED the store changed " .. x)
  end
end
for _, x in ipairs { 0 / 0, 1 / 0, -1 / 0 } do
  if pcall(mall.store.set, "k", x) or pcall(mall.bus.send, "probe/file:x", x) then
    mall.log "ESCAPED a number that is none"
  end
end
