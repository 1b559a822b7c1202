-- Components at the very edge of what is allowed must pass the host too.
-- load: ok
-- event: ok
local e = mall.world.spawn {
  at = { 15, 20, 15 }, yaw = -360, scale = 100, label = { text = string.rep("\u{e9}", 60), height = 64 }, light = { energy = 16, range = 64 },
  sound = { name = "x", volume = 0, range = 0.1 }, area = { radius = 256 }, clickable = { prompt = string.rep("p", 80), reach = 0.5 },
  mover = { spin = 3600, bob = 16, bob_seconds = 0.1, to = { 0, 0, 0 }, seconds = 0.05 }, collider = { size = { 0.01, 512, 1 } },
}
for _, t in ipairs {
  { scale = 0.01 }, { scale = { 512, 0.01, 1 } }, { yaw = 360 }, { tags = {} }, { state = {} }, { state = { x = 1e15, y = -1e15, z = 1 << 49 } },
  { area = false, label = false, light = false, sound = false, clickable = false, mover = false, collider = true, model = false, color = false },
  { tags = { "a", "b", "c", "d", "e", "f", "g", "h" } }, { mover = { bob_seconds = 60, seconds = 5 } }, { light = { range = 0.1, energy = 0 } },
  { state = { [string.rep("k", 64)] = string.rep("v", 256) } }, { model = string.rep("m", 64) }, { color = "#FFffFF" }, { label = "" },
} do
  e:set(t)
end
e:remove()
