-- Keys that are huge, mixed, or no keys.
-- load: ok
-- event: ok
for _, key in ipairs { string.rep("k", 100000), "", 5, {}, true, 1.5, "\0", print } do
  pcall(mall.store.set, key, 1)
  pcall(mall.store.get, key)
  pcall(mall.store.delete, key)
  pcall(mall.store.set, "k", { [key] = 1 })
  pcall(mall.bus.send, "probe/file:x", { [key] = 1 })
end
