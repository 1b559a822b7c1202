-- Options whose values change each time they are read.
-- load: ok
-- event: ok|budget
local function changing(values)
  local n = 0
  return setmetatable({}, { __index = function(_, key)
    n = n + 1
    return values[n % #values + 1]
  end })
end
for i = 1, 20 do
  pcall(mall.world.spawn, changing { { 1, 0, 1 }, { 0 / 0, 0, 0 }, "x", 5, -1, 1 / 0 })
  pcall(mall.world.spawn, { at = changing { 1, 0 / 0, 1e308, "x", -5 } })
  pcall(mall.world.spawn, { at = { 1, 0, 1 }, area = changing { 1, 1e9, {} } })
  pcall(mall.world.spawn, { at = { 1, 0, 1 }, scale = changing { 1, 0 / 0, -1 } })
  pcall(mall.world.spawn, { at = { 1, 0, 1 }, tags = changing { "a", 5, {} } })
  pcall(mall.world.effect, changing { { 1, 0, 1 }, "x", -1, 0 / 0 })
  for _, p in ipairs(mall.players.all()) do
    pcall(mall.ui.show, p, changing { "x", { { text = "x" } }, 5 })
    pcall(mall.rewards.claim, changing { p, "daily", 1, -1, 0 / 0 })
    pcall(p.teleport, p, changing { 1, 0 / 0, 99, 2, "x" })
  end
end
