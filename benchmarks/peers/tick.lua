-- The peer: `lua tick.lua MODE GAME`. Reads a number of ticks, runs them, prints the CPU seconds they took, and again.
-- plain: the work of tick_game.lua on bare tables, nothing in between. plain200: 200 such games in turn, as a worker has
-- them. api: GAME itself on a `mall` of plain Lua, which gives copies out as the real one does, yet checks, meters and
-- encodes nothing.
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

local label

local function plain()
  local X, Z = 7.5, 7.5
  local players, scores, time, ticks = {}, {}, 0, 0
  for id = 1, PLAYERS do
    players[id] = { id = id, at = { 0, 0, 0 } }
  end

  local function move(positions)
    for id = 1, PLAYERS do
      local at, to = players[id].at, positions[id]
      at[1], at[2], at[3] = to[1], to[2], to[3]
    end
  end

  local function tick(dt)
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
  return { move = move, tick = tick }
end

local function api()
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

  local tick
  local function move(positions)
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
  return { move = move, tick = tick }
end

local games = {}
for i = 1, mode == "plain200" and 200 or 1 do
  games[i] = mode == "api" and api() or plain()
end
local turn, step = 0, 1
for line in io.lines() do
  local count, started = tonumber(line), os.clock()
  for _ = 1, count do
    turn = turn + 1
    if turn > #games then
      turn, step = 1, step % STEPS + 1
    end
    local one = games[turn]
    one.move(path[step])
    one.tick(DT)
  end
  print(string.format("%.9f %s", os.clock() - started, label or "0"))
  io.stdout:flush()
end
