-- Coins: where they appear, how long they stay, and who touches them. The longer a round runs, the shorter they stay and
-- the more of them are gold.
local arena = require "lib.arena"

local coins = {}
coins.__index = coins

local GOLD = { points = 3, scale = 1.3, spin = 220 }
local SILVER = { points = 1, scale = 1, spin = 140, color = "#c9d3de" }
local HEIGHT = 0.9
local REACH = 1.1 -- metres
local LIFE_FIRST, LIFE_LAST = 9, 3.5 -- seconds
local GOLD_FIRST, GOLD_LAST = 0.15, 0.5
local GOLD_LIFE = 0.7 -- gold stays for this part of the time
local COINS_BASE, COINS_EACH, COINS_MAX = 5, 2, 20
local CLEAR_OF_PLAYERS, CLEAR_OF_COINS = 2.5, 1.8 -- metres
local TRIES = 12

local owners = {} -- entity id of a coin -> { field, coin }

local function distance(a, b)
  return ((a[1] - b[1]) ^ 2 + (a[3] - b[3]) ^ 2) ^ 0.5
end

local function between(first, last, part)
  return first + (last - first) * part
end

-- A field of coins for one match; `on_taken(player, coin)` is told of each.
function coins.new(match, seconds, on_taken)
  return setmetatable({ match = match, seconds = seconds, on_taken = on_taken, list = {} }, coins)
end

function coins:free_place()
  local best, best_room
  for _ = 1, TRIES do
    local place = {
      between(arena.low, arena.high, mall.random()),
      HEIGHT,
      between(arena.low + 2.5, arena.high, mall.random()), -- the pedestal's corner stays free
    }
    local room = 100
    for _, player in ipairs(self.match.players) do
      room = math.min(room, distance(player:at(), place) / CLEAR_OF_PLAYERS)
    end
    for _, coin in ipairs(self.list) do
      room = math.min(room, distance(coin.place, place) / CLEAR_OF_COINS)
    end
    if room >= 1 then
      return place
    end
    if not best or room > best_room then
      best, best_room = place, room
    end
  end
  return best
end

function coins:add(now, part)
  local is_gold = mall.random() < between(GOLD_FIRST, GOLD_LAST, part)
  local look = is_gold and GOLD or SILVER
  local place = self:free_place()
  local life = between(LIFE_FIRST, LIFE_LAST, part) * (is_gold and GOLD_LIFE or 1) * (0.8 + 0.4 * mall.random())
  local entity = mall.world.spawn {
    model = "coin",
    color = look.color or mall.settings.color,
    at = place,
    scale = look.scale,
    area = { radius = REACH },
    mover = { spin = look.spin, bob = 0.15, bob_seconds = between(1.6, 0.8, part) },
    tags = { "coin", is_gold and "gold" or "silver" },
  }
  local coin = { entity = entity, place = place, points = look.points, ends = now + life, color = look.color }
  self.list[#self.list + 1] = coin
  owners[entity.id] = { field = self, coin = coin }
end

function coins:drop(coin)
  for i, other in ipairs(self.list) do
    if other == coin then
      table.remove(self.list, i)
      break
    end
  end
  owners[coin.entity.id] = nil
  coin.entity:remove()
end

-- Takes away what is too old and fills up again: more coins for more players.
function coins:tick(now, left, players)
  local part = 1 - math.min(1, left / self.seconds)
  for i = #self.list, 1, -1 do
    if self.list[i].ends <= now then
      self:drop(self.list[i])
    end
  end
  local wanted = math.min(COINS_MAX, COINS_BASE + COINS_EACH * players)
  for _ = 1, math.min(3, wanted - #self.list) do
    self:add(now, part)
  end
end

function coins:clear()
  while #self.list > 0 do
    self:drop(self.list[#self.list])
  end
end

-- A player walked into an area; when it is a coin of a match that they play, it is theirs.
function coins.touched(player, entity)
  local owner = owners[entity.id]
  if not owner then
    return
  end
  local field, coin = owner.field, owner.coin
  for _, member in ipairs(field.match.players) do
    if member == player then
      field:drop(coin)
      mall.world.effect { name = "sparkle", at = coin.place, color = coin.color or mall.settings.color }
      field.on_taken(player, coin)
      return
    end
  end
end

return coins
