-- Match: rounds with players, scores and a clock. The generic client draws the scoreboard from what is sent here.
local K = ...
local setmetatable, next, type, rawset = setmetatable, next, type, rawset
local emit, bad, raise = K.emit, K.bad, K.raise

local SCORE_MAX = 1 << 40
local KINDS_MAX = 16
local KIND_OPTIONS = {
  min = true, max = true, seconds = true, lobby = true, board = true, title = true, unit = true, join_late = true,
  actions = true,
}
local KIND_EVENTS = { start = true, join = true, leave = true, input = true, tick = true, finish = true }

local data = setmetatable({}, { __mode = "k" }) -- match -> facts
local kinds = setmetatable({}, { __mode = "k" }) -- kind -> facts
local kind_count = 0
local live, last_id = {}, 0 -- matches that are not over, oldest first
local match_methods, kind_methods = {}, {}

local function players_of(facts)
  local list = {}
  for i = 1, #facts.players do
    list[i] = facts.players[i]
  end
  return list
end

local match_meta = {
  __index = function(match, key)
    local method = match_methods[key]
    if method then
      return method
    end
    local facts = data[match]
    if key == "players" then
      return players_of(facts)
    elseif key == "id" or key == "phase" or key == "kind" then
      return facts[key]
    end
    return nil
  end,
  __newindex = function(match, key, value)
    if match_methods[key] or key == "players" or key == "id" or key == "phase" or key == "kind" then
      bad("match." .. key .. " cannot be set")
    end
    rawset(match, key, value)
  end,
  __tostring = function(match)
    return "match " .. data[match].id
  end,
  __metatable = false,
}
local kind_meta = { __index = kind_methods, __metatable = false }

local function facts_of(match, what)
  local facts = data[match]
  if not facts then
    bad(what .. " needs a match, got " .. K.shown(match))
  end
  return facts
end

local function fire(facts, event, ...)
  local list = kinds[facts.kind].handlers[event]
  if list then
    for i = 1, #list do
      list[i].fn(facts.match, ...)
    end
  end
end

local function seconds_left(facts)
  local left = facts.deadline and facts.deadline - K.now or 0
  return left > 0 and left or 0.0
end

local function send_status(facts, players)
  local ids = {}
  for i, player in next, players do
    ids[i] = K.player_number(player)
  end
  local kind = kinds[facts.kind]
  emit("match", facts.id, facts.phase, seconds_left(facts), kind.title, kind.unit, ids)
end

local function position_of(facts, player)
  for i = 1, #facts.players do
    if facts.players[i] == player then
      return i
    end
  end
end

function K.is_match(value)
  return data[value] ~= nil
end

function K.match_number(match)
  local facts = data[match]
  return facts and facts.id
end

function K.match_alive(match)
  local facts = data[match]
  return facts ~= nil and facts.phase ~= "over"
end

function K.match_players(match)
  local facts = data[match]
  return facts and players_of(facts)
end

-- Kinds ----------------------------------------------------------------------------------------------------------------

local module = {}

function module.define(t)
  K.need("match", "mall.match.define")
  K.declaring("mall.match.define")
  local what = "mall.match.define"
  K.only(K.options(t, what), KIND_OPTIONS, what)
  local least = K.whole(t.min or 1, 1, 64, what .. ": min")
  if t.board ~= nil then
    K.need("board", what .. ": board")
  end
  local actions
  if t.actions ~= nil then
    K.use "api_ui"
    K.use "api_actions"
    actions = K.check_actions(t.actions, what .. ": actions")
  end
  kind_count = kind_count + 1
  if kind_count > KINDS_MAX then
    bad(what .. ": at most " .. KINDS_MAX .. " kinds of match")
  end
  local kind = setmetatable({}, kind_meta)
  kinds[kind] = {
    handlers = {},
    min = least,
    max = K.whole(t.max or 64, least, 64, what .. ": max"),
    seconds = K.number(t.seconds or 60, 1, 7200, what .. ": seconds"),
    lobby = K.number(t.lobby or 0, 0, 600, what .. ": lobby"),
    board = t.board ~= nil and K.name(t.board, what .. ": board") or nil,
    title = K.text(t.title or "", 60, what .. ": title"),
    unit = K.text(t.unit or "", 20, what .. ": unit"),
    join_late = t.join_late == true,
    actions = actions,
  }
  return kind
end

function kind_methods.on(kind, event, fn)
  K.declaring("kind:on")
  if not KIND_EVENTS[event] then
    bad("kind:on knows no event '" .. K.tostring(event) .. "'" .. K.hint(KIND_EVENTS, event))
  end
  local handlers = kinds[kind].handlers
  local list = handlers[event] or {}
  local handler = { of = "kind", kind = kind, event = event, fn = K.callback(fn, "kind:on") }
  list[#list + 1] = handler
  handlers[event] = list
  return handler
end

function K.offs.kind(handler)
  local facts = kinds[handler.kind]
  if facts then
    K.take_off(facts.handlers, handler)
  end
end

function kind_methods.off(kind, handler)
  K.use "api_off"
  K.off_of(handler, "kind", kind, "kind")
end

-- The buttons of the round: shown while it runs.
local function show_actions(facts, player, shown)
  local actions = kinds[facts.kind].actions
  if actions then
    K.send_actions(player, shown and actions or {}, "mall.match.define: actions")
  end
end

function kind_methods.open(kind)
  if #live >= K.limits.matches then
    raise("sandbox.match_limit", "at most " .. K.limits.matches .. " matches at a time")
  end
  last_id = last_id + 1
  local match = setmetatable({}, match_meta)
  data[match] = { id = last_id, match = match, kind = kind, phase = "lobby", players = {}, scores = {} }
  live[#live + 1] = match
  return match
end

-- The match that waits for players, or with join_late the one that runs.
local function open_match(kind, rules)
  for i = 1, #live do
    local facts = data[live[i]]
    if facts.kind == kind and #facts.players < rules.max and (facts.phase == "lobby" or rules.join_late) then
      return facts
    end
  end
  return data[kind_methods.open(kind)]
end

local function start(facts)
  local rules = kinds[facts.kind]
  facts.phase = "running"
  facts.deadline = K.now + rules.seconds
  send_status(facts, facts.players)
  for i = 1, #facts.players do
    local id = K.player_number(facts.players[i])
    facts.scores[id] = 0
    emit("score", facts.id, id, 0)
    show_actions(facts, facts.players[i], true)
  end
  fire(facts, "start")
end

-- Puts a player into the open match, opening one when there is none. Returns the match.
function kind_methods.join(kind, player)
  local rules = kinds[kind]
  local id = K.player_id(player, "kind:join")
  if not K.player_inside(player) then
    bad("kind:join: the player has left")
  end
  for i = 1, #live do
    if position_of(data[live[i]], player) then
      return live[i]
    end
  end
  local facts = open_match(kind, rules)
  facts.players[#facts.players + 1] = player
  if facts.phase == "lobby" and not facts.deadline and #facts.players >= rules.min then
    facts.deadline = K.now + rules.lobby
  end
  if facts.phase == "running" then
    facts.scores[id] = 0
    show_actions(facts, player, true)
  end
  send_status(facts, facts.players)
  fire(facts, "join", player)
  if facts.phase == "lobby" and facts.deadline and facts.deadline <= K.now then
    start(facts)
  end
  return facts.match
end

-- Matches --------------------------------------------------------------------------------------------------------------

-- With `points` adds them to the player's score; returns the score.
function match_methods.score(match, player, points)
  local facts = facts_of(match, "match:score")
  local id = K.player_id(player, "match:score")
  local score = facts.scores[id] or 0
  if points ~= nil then
    if facts.phase ~= "running" or not position_of(facts, player) then
      return score
    end
    score = score + K.whole(points, -SCORE_MAX, SCORE_MAX, "match:score: points")
    emit("score", facts.id, id, K.whole(score, -SCORE_MAX, SCORE_MAX, "a score"))
    facts.scores[id] = score
  end
  return score
end

-- Seconds until the lobby ends or the round ends.
function match_methods.left(match)
  return seconds_left(facts_of(match, "match:left"))
end

-- Players with their scores and places, best first; equal scores share the place.
function match_methods.ranking(match)
  local facts = facts_of(match, "match:ranking")
  local ranking = {}
  for i, player in next, facts.players do
    ranking[i] = { player = player, score = facts.scores[K.player_number(player)] or 0 }
  end
  K.sort(ranking, function(a, b)
    return a.score > b.score
  end)
  for i, entry in next, ranking do
    local before = ranking[i - 1]
    entry.place = before and before.score == entry.score and before.place or i
  end
  return ranking
end

local function drop_live(match)
  for i = 1, #live do
    if live[i] == match then
      for j = i, #live do
        live[j] = live[j + 1]
      end
      return
    end
  end
end

-- A copy of an own ranking: each field is read once, as a creator's metatable may answer otherwise the next time.
local function entries_of(ranking)
  local what, list = "match:finish: ranking", {}
  for i = 1, K.whole(K.length(K.options(ranking, what)), 0, 64, what .. " entries") do
    local entry = ranking[i]
    local player, score = nil, nil
    if type(entry) == "table" then
      player, score = entry.player, entry.score
    end
    K.player_id(player, what)
    list[i] = { player = player, score = score, place = i }
  end
  return list
end

-- Ends the round. An own ranking is a list of { player =, score = }, best first.
function match_methods.finish(match, ranking)
  local facts = facts_of(match, "match:finish")
  if facts.phase == "over" then
    return
  end
  if ranking == nil then
    ranking = match_methods.ranking(match)
  else
    ranking = entries_of(ranking)
  end
  for i = 1, facts.phase == "running" and #facts.players or 0 do
    show_actions(facts, facts.players[i], false)
  end
  facts.phase, facts.deadline = "over", nil
  drop_live(match)
  local players = {}
  for i = 1, K.length(ranking) do
    players[i] = ranking[i].player
  end
  send_status(facts, players)
  local board = kinds[facts.kind].board
  if board then
    K.use "api_board"
    for i = 1, #players do
      local score = facts.scores[K.player_number(players[i])] or 0
      if score > 0 then
        K.board_submit(board, players[i], score)
      end
    end
  end
  fire(facts, "finish", ranking)
end

function match_methods.leave(match, player)
  local facts = facts_of(match, "match:leave")
  local i = position_of(facts, player)
  if not i or facts.phase == "over" then
    return
  end
  for j = i, #facts.players do
    facts.players[j] = facts.players[j + 1]
  end
  if facts.phase == "running" then
    show_actions(facts, player, false)
  end
  send_status(facts, facts.players)
  fire(facts, "leave", player)
  if #facts.players == 0 then
    match_methods.finish(match)
  end
end

K.match_parts = {
  data = data, kinds = kinds, live = live, methods = match_methods, fire = fire, position_of = position_of, start = start,
  module = module,
}
K.use "api_rounds"
