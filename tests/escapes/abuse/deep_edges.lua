-- Tables nested exactly as deep as may be sent, in every place where a table goes.
-- load: ok
-- event: ok
local function nested(n)
  local t = { 1 }
  for _ = 2, n do
    t = { t }
  end
  return t
end
for n = 1, 20 do
  pcall(mall.store.set, "k", nested(n))
  pcall(mall.bus.send, "probe/file:x", nested(n))
end
