-- Addresses in the texts of values.
-- load: ok
-- event: ok
local texts = {
  tostring {}, tostring(print), tostring(coroutine.create(print)), tostring(mall), tostring(string), string.format("%s %s", {}, print),
}
for _, p in ipairs(mall.players.all()) do
  texts[#texts + 1] = tostring(p)
end
for _, s in ipairs(texts) do
  if s:find "0x" or s:find "%x%x%x%x%x%x%x%x" then
    mall.log("ESCAPED an address: " .. s)
  end
end
