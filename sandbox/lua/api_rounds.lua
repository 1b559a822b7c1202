-- What the event loop asks of matches: the second part of api_match.lua, which runs it as its last step.
local K = ...
local next = next
local parts = K.match_parts
local data, kinds, live, methods = parts.data, parts.kinds, parts.live, parts.methods
local fire, position_of, start = parts.fire, parts.position_of, parts.start

local HUGE = 1 / 0

function K.match_left(player)
  for _, match in next, K.live_matches() do
    methods.leave(match, player)
  end
end

-- The same without telling the creator's code.
function K.match_drop(player)
  for i = 1, #live do
    local players = data[live[i]].players
    local at = position_of(data[live[i]], player)
    for j = at or #players + 1, #players do
      players[j] = players[j + 1]
    end
  end
end

function K.match_input(player, action)
  for _, match in next, K.live_matches() do
    if position_of(data[match], player) and data[match].phase == "running" then
      fire(data[match], "input", player, action)
    end
  end
end

function K.live_matches()
  local list = {}
  for i = 1, #live do
    list[i] = live[i]
  end
  return list
end

function K.match_wants_tick()
  for i = 1, #live do
    local facts = data[live[i]]
    if facts.phase == "running" and kinds[facts.kind].handlers.tick then
      return true
    end
  end
  return false
end

function K.match_tick(dt)
  for _, match in next, K.live_matches() do
    if data[match].phase == "running" then
      fire(data[match], "tick", dt)
    end
  end
end

function K.match_wake()
  local due = HUGE
  for i = 1, #live do
    local deadline = data[live[i]].deadline
    if deadline and deadline < due then
      due = deadline
    end
  end
  return due
end

-- Starts or ends the first match whose time has come. Returns a function to run under a budget, or nil.
function K.due_match()
  for i = 1, #live do
    local facts = data[live[i]]
    if facts.deadline and facts.deadline <= K.now + K.GRAIN then
      if facts.phase == "running" then
        facts.deadline = nil
        return function()
          methods.finish(facts.match)
        end
      elseif #facts.players >= kinds[facts.kind].min then
        return function()
          start(facts)
        end
      end
      facts.deadline = nil -- too few left; the next join sets it again
    end
  end
end

K.match_parts = nil
K.mall.match = parts.module
