-- Topics of others, and topics that are none.
-- load: ok
-- event: ok
for _, topic in ipairs { "ada/other:x", "probe/neighbour:x", "x", ":", "probe/file:", "probe/file", 5, {}, "probe/file:x\n", string.rep("t", 200), "" } do
  if pcall(mall.bus.send, topic, 1) then
    mall.log("ESCAPED topic " .. tostring(topic))
  end
end
