-- Components that are none.
-- load: ok
-- event: ok
local bad = {
  { yaw = 0 / 0 }, { yaw = 1e9 }, { yaw = "x" }, { scale = 0 }, { scale = -1 }, { scale = 0 / 0 }, { scale = { 1, 0 / 0, 1 } }, { scale = {} }, { model = "" },
  { model = "../x" }, { model = {} }, { color = "red" }, { color = "#fffff" }, { color = 5 }, { collider = {} }, { collider = { size = { 0, 0, 0 } } },
  { area = {} }, { area = { radius = 1e9 } }, { area = { radius = 0 / 0 } }, { area = { size = { 1, 1, 1e9 } } }, { label = string.rep("x", 121) },
  { label = "\255" }, { label = {} }, { light = { energy = 1e9 } }, { light = { range = 0 / 0 } }, { light = { color = "x" } }, { sound = {} },
  { sound = { name = "x", volume = 2 } }, { state = { x = 0 / 0 } }, { state = { x = {} } }, { state = { [1] = 1 } }, { state = { x = string.rep("x", 999) } },
  { state = 5 }, { tags = { 5 } }, { tags = "x" }, { clickable = { reach = 99 } }, { clickable = 5 }, { mover = { to = { 99, 0, 0 } } },
  { mover = { spin = 0 / 0 } }, { mover = 5 }, { unknown = 1 }, { [1] = 1 }, { at = false }, { parts = {} }, { id = "" }, { id = string.rep("i", 65) }, { id = 5 },
}
for i, t in ipairs(bad) do
  if t.at == nil then
    t.at = { 1, 0, 1 }
  end
  if pcall(mall.world.spawn, t) then
    mall.log("ESCAPED component " .. i)
  end
end
