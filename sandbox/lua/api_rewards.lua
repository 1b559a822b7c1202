-- Rewards: a script files claims, the host decides. What came of each is mirrored here by events.
local K = ...
local type, tostring, tonumber, math_type, s_find, s_match = type, tostring, tonumber, math.type, string.find, string.match
local mall, emit, bad = K.mall, K.emit, K.bad

local AMOUNT_MAX = 1000000000
local CLAIMS_KEPT = 256
local CLAIM_OPTIONS = { player = true, pool = true, amount = true, match = true, reason = true }

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

local module = {}

-- Files a claim and returns its id. The host checks the pool's caps and the player's presence, then books and settles.
function module.claim(t)
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
  K.claimed = true
  claims[id] = { id = id, state = "filed", amount = amount, pool = pool, reason = reason }
  claims[id - CLAIMS_KEPT] = nil
  return id
end

-- "filed", "booked", "settled", "paid" or "refused"; nil for an id that is not known (any more).
function module.status(id)
  local claim = claims[id]
  return claim and claim.state
end

-- LIVE that the player may still win from the pool today, as far as the host has told; nil when it has not.
function module.left(pool, player)
  return pool_left[K.name(pool, "mall.rewards.left: pool") .. ":" .. K.player_id(player, "mall.rewards.left")]
end

function K.claim_changed(id, state, amount, reason)
  local claim = claims[id]
  if not claim then
    return nil
  end
  claim.state, claim.reason = state, reason
  K.use "api_facts"
  return K.frozen({ id = id, state = state, amount = amount, pool = claim.pool, reason = reason }, "claim")
end

function K.pool_changed(pool, player, left)
  pool_left[pool .. ":" .. player] = tonumber(left)
end

mall.rewards = module
