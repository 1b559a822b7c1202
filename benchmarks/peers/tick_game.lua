-- The measured game: what a simple game does in each tick. It runs in the sandbox, and in plain Lua on `tick.lua api`.
local X, Z = 7.5, 7.5
local board = mall.world.spawn { id = "board", at = { X, 2, Z }, label = "0" }
local scores, time, ticks = {}, 0, 0

mall.on("tick", function(dt)
  time = time + dt
  ticks = ticks + 1
  for _, player in ipairs(mall.players.all()) do
    local at = player:at()
    local dx, dz = at[1] - X, at[3] - Z
    scores[player.id] = (scores[player.id] or 0) + math.sqrt(dx * dx + dz * dz)
  end
  if ticks % 10 == 0 then
    board:set { label = string.format("%.1f", time) }
  end
end)
