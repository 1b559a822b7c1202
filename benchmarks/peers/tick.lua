-- The peer: `lua tick.lua plain|api GAME`. Reads a number of ticks, runs them, prints the CPU seconds they took, and again.
-- plain: the work of tick_game.lua on bare tables, nothing in between. api: GAME itself on a `mall` of plain Lua, which
-- gives copies out as the real one does, yet checks, meters and encodes nothing.
local PLAYERS, STEPS, DT = 10, 64, 0.125
local mode, game = arg[1], arg[2]

local path = {} -- where each player is in each step
for step = 1, STEPS do
  path[step] = {}
  for id = 1, PLAYERS do
    local angle = 2 * math.pi * (step / STEPS + id / PLAYERS)
    path[step][id] = { 7.5 + 4 * math.cos(angle), 0, 7.5 + 4 * math.sin(angle) }
  end
end

local tick, move, label

if mode == "plain" then
  local X, Z = 7.5, 7.5
  local players, scores, time, ticks = {}, {}, 0, 0
  for id = 1, PLAYERS do
    players[id] = { id = id, at = { 0, 0, 0 } }
  end

  function move(positions)
    for id = 1, PLAYERS do
      local at, to = players[id].at, positions[id]
      at[1], at[2], at[3] = to[1], to[2], to[3]
    end
  end

  function tick(dt)
    time = time + dt
    ticks = ticks + 1
    for _, player in ipairs(players) do
      local at = player.at
      local dx, dz = at[1] - X, at[3] - Z
      scores[player.id] = (scores[player.id] or 0) + math.sqrt(dx * dx + dz * dz)
    end
    if ticks % 10 == 0 then
      label = string.format("%.1f", time)
    end
  end
else
  local players, at = {}, {}
  local methods = {}
  function methods.at(player)
    local now = at[player]
    return { now[1], now[2], now[3] }
  end
  for id = 1, PLAYERS do
    players[id] = setmetatable({ id = id }, { __index = methods })
    at[players[id]] = { 0, 0, 0 }
  end

  function move(positions)
    for id = 1, PLAYERS do
      local now, to = at[players[id]], positions[id]
      now[1], now[2], now[3] = to[1], to[2], to[3]
    end
  end

  mall = { world = {}, players = {} }
  function mall.world.spawn(parts)
    function parts.set(_, changes)
      label = changes.label
    end
    return parts
  end
  function mall.players.all()
    local list = {}
    for i = 1, #players do
      list[i] = players[i]
    end
    return list
  end
  function mall.on(_, fn)
    tick = fn
  end
  dofile(game)
end

local step = 0
for line in io.lines() do
  local count, started = tonumber(line), os.clock()
  for _ = 1, count do
    step = step % STEPS + 1
    move(path[step])
    tick(DT)
  end
  print(string.format("%.9f %s", os.clock() - started, label or ""))
  io.stdout:flush()
end
