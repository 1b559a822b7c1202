-- The whole string library removed.
-- load: ok
-- event: ok
local log = mall.log
if not string then
  return
end
for name in pairs(string) do
  string[name] = nil
end
string = nil
log("still", 1, true)
pcall(mall.store.set, "a", { b = 1 })
