-- Rewards, boards and the bus: a script files, the host decides. What came of it is mirrored here by events.
local K = ...
local type, next, tostring, tonumber, math_type, s_find, s_match, pcall = type, next, tostring, tonumber, math.type, string.find, string.match, pcall
local mall, emit, bad = K.mall, K.emit, K.bad

local AMOUNT_MAX = 1000000000
local CLAIMS_KEPT = 256
local BUS_BYTES = 4096
local ROWS_MAX = 100
local CLAIM_OPTIONS = { player = true, pool = true, amount = true, match = true, reason = true }
local PERIODS = { day = true, week = true, all = true }

-- Rewards --------------------------------------------------------------------------------------------------------------

local claims, last_claim = {}, 0 -- id -> { state, amount, reason }
local pool_left = {} -- "pool:player" -> LIVE as text

-- Whole LIVE as an exact decimal text. Fractions must be text, as 0.1 has no exact float.
local function amount_text(value)
  if math_type(value) == "float" and value % 1 == 0 and value < AMOUNT_MAX then
    value = value // 1 | 0
  end
  if math_type(value) == "integer" and value > 0 and value <= AMOUNT_MAX then
    return tostring(value)
  end
  if type(value) == "string" and #value <= 32 then
    local whole, fraction = s_match(value, "^(%d+)%.?(%d*)$")
    if whole and #whole <= 10 and #fraction <= 18 and not s_find(value, "%.$") then
      local figure = tonumber(value)
      if figure > 0 and figure <= AMOUNT_MAX then
        return value
      end
    end
  end
  bad("mall.rewards.claim: amount is LIVE as a whole number or a text such as '1.5' (18 decimals at most), got "
    .. K.shown(value))
end

mall.rewards = {}

-- Files a claim and returns its id. The host checks the pool's caps and the player's presence, then books and settles.
function mall.rewards.claim(t)
  K.need("reward.claim", "mall.rewards.claim")
  local what = "mall.rewards.claim"
  K.only(K.options(t, what), CLAIM_OPTIONS, what)
  local match = 0
  if t.match ~= nil then
    match = K.match_number(t.match)
    if not match then
      bad(what .. ": match must be a match, got " .. K.shown(t.match))
    end
  end
  local player = K.player_id(t.player, what .. ": player")
  local pool = K.name(t.pool, what .. ": pool")
  local amount = amount_text(t.amount)
  local reason = t.reason ~= nil and K.text(t.reason, 120, what .. ": reason") or ""
  local id = last_claim + 1
  emit("claim", id, player, pool, amount, match, reason)
  last_claim = id
  claims[id] = { id = id, state = "filed", amount = amount, pool = pool, reason = reason }
  claims[id - CLAIMS_KEPT] = nil
  return id
end

-- "filed", "booked", "settled", "paid" or "refused"; nil for an id that is not known (any more).
function mall.rewards.status(id)
  local claim = claims[id]
  return claim and claim.state
end

-- LIVE that the player may still win from the pool today, as far as the host has told; nil when it has not.
function mall.rewards.left(pool, player)
  return pool_left[K.name(pool, "mall.rewards.left: pool") .. ":" .. K.player_id(player, "mall.rewards.left")]
end

function K.claim_changed(id, state, amount, reason)
  local claim = claims[id]
  if not claim then
    return nil
  end
  claim.state, claim.reason = state, reason
  return K.frozen({ id = id, state = state, amount = amount, pool = claim.pool, reason = reason }, "claim")
end

function K.pool_changed(pool, player, left)
  pool_left[pool .. ":" .. player] = tonumber(left)
end

-- Boards ---------------------------------------------------------------------------------------------------------------

local boards = {} -- name -> period -> rows { player, name, score }, best first

mall.board = {}

function mall.board.submit(name, player, score)
  K.need("board", "mall.board.submit")
  emit("board_submit", K.name(name, "mall.board.submit: name"), K.player_id(player, "mall.board.submit"),
    K.whole(score, -(1 << 40), 1 << 40, "mall.board.submit: score"))
end

local function rows_of(name, period)
  period = period or "all"
  if not PERIODS[period] then
    bad("a board's period is 'day', 'week' or 'all', got " .. K.shown(period))
  end
  local periods = boards[name]
  return periods and periods[period] or {}
end

local function row_copy(rows, i)
  local row = rows[i]
  return { place = i, player = row[1], name = row[2], score = row[3] }
end

function mall.board.top(name, n, period)
  K.need("board", "mall.board.top")
  n = K.whole(n or 10, 1, ROWS_MAX, "mall.board.top: n")
  local rows, list = rows_of(K.name(name, "mall.board.top: name"), period), {}
  for i = 1, n < #rows and n or #rows do
    list[i] = row_copy(rows, i)
  end
  return list
end

-- The player's row with two before and two after it.
function mall.board.around(name, player, period)
  K.need("board", "mall.board.around")
  local id = K.player_id(player, "mall.board.around")
  local rows, list = rows_of(K.name(name, "mall.board.around: name"), period), {}
  for i = 1, #rows do
    if rows[i][1] == id then
      for j = i > 2 and i - 2 or 1, i + 2 <= #rows and i + 2 or #rows do
        list[#list + 1] = row_copy(rows, j)
      end
    end
  end
  return list
end

function mall.board.reset(name)
  K.need("board", "mall.board.reset")
  emit("board_reset", K.name(name, "mall.board.reset: name"))
end

function K.board_changed(name, period, rows)
  boards[name] = boards[name] or {}
  boards[name][period] = rows
end

-- Bus ------------------------------------------------------------------------------------------------------------------

local listeners = {}

mall.bus = {}

local function topic_of(value, what)
  if type(value) ~= "string" or #value > 96 or not s_find(value, "^[%w_/-]+:[%w_.-]+$") then
    bad(what .. ": a topic is 'author/package:name', got " .. K.shown(value))
  end
  return value
end

function mall.bus.send(topic, value)
  K.need("bus", "mall.bus.send")
  topic_of(topic, "mall.bus.send")
  if s_match(topic, "^(.*):") ~= K.package then
    bad("mall.bus.send: topics sent from here begin with '" .. K.package .. ":'")
  end
  local ok, blob = pcall(K.encode, value)
  if not ok and not K.is_fatal() then
    bad("mall.bus.send was given " .. tostring(blob) .. ", which cannot be sent")
  elseif ok and #blob > BUS_BYTES then
    bad("mall.bus.send: " .. #blob .. " bytes, at most " .. BUS_BYTES)
  end
  emit("bus_send", topic, value)
end

function mall.bus.on(topic, fn)
  K.need("bus", "mall.bus.on")
  K.declaring("mall.bus.on")
  topic_of(topic, "mall.bus.on")
  listeners[topic] = listeners[topic] or {}
  local list = listeners[topic]
  list[#list + 1] = K.callback(fn, "mall.bus.on")
end

function K.bus_received(topic, value)
  for _, fn in next, listeners[topic] or {} do
    fn(value)
  end
end
