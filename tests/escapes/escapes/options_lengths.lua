-- Lists with a __len that lies.
-- load: ok
-- event: ok
local function list(n, value)
  return setmetatable({}, { __len = function() return n end, __index = function() return value end })
end
for _, n in ipairs { -1, 1 << 40, 0.5, "x", 0 / 0 } do
  pcall(mall.world.spawn, { at = { 1, 0, 1 }, tags = list(n, "a") })
  for _, p in ipairs(mall.players.all()) do
    pcall(mall.ui.show, p, { column = list(n, { text = "x" }) })
    pcall(mall.ui.show, p, { choice = list(n, "x") })
    pcall(mall.ui.toast, list(n, p), "x")
  end
end
