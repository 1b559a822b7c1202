-- Players: handles of the people inside the placement. No wallet, no address, no body data.
local K = ...
local setmetatable, type, next, s_unpack, s_rep = setmetatable, type, next, string.unpack, string.rep
local mall, bad = K.mall, K.bad

local MOVED_BYTES, MOVED_MOST = 20, 8 -- of one position; positions that are unpacked in one go
local formats = {}

local data = setmetatable({}, { __mode = "k" }) -- handle -> its metatable with id, inside, at; kept as long as somebody holds the handle
local by_id, order = {}, {} -- id -> the same metatable, of those inside; handles by age
local methods = K.on_use({}, {
  say = "api_avatar", teleport = "api_avatar", emote = "api_avatar", effect = "api_avatar", t = "api_avatar",
  has_ticket = "api_avatar",
})
K.player_methods = methods

-- What a handle shows: its facts first, as they are read most, then the methods.
local public_meta = {
  __index = function(public, key)
    if key == "store" then
      K.use "api_store"
      return K.player_store(public.id)
    end
    return methods[key]
  end,
}

local function refuse_field(_, key)
  bad("a player has no field '" .. K.tostring(key) .. "' to set; keep own data in a table by player.id")
end

local function to_text(handle)
  local public = data[handle].__index
  return "player " .. public.id .. " (" .. public.name .. ")"
end

-- The id of a player handle; raises for anything else.
function K.player_id(handle, what)
  local facts = data[handle]
  if not facts then
    bad(what .. " needs a player, got " .. K.shown(handle))
  end
  return facts.id
end

function K.player(id)
  local facts = by_id[id]
  return facts and facts.handle
end

function K.is_player(handle)
  return data[handle] ~= nil
end

function K.player_inside(handle)
  local facts = data[handle]
  return facts ~= nil and facts.inside
end

-- Order of handles as table keys: players 4, entities 5, matches 6.
function K.player_number(handle)
  local facts = data[handle]
  return facts and facts.id
end

local function show(facts, id, name, locale, guest, age_band)
  local public = { id = id, name = name, locale = locale, guest = guest, age_band = age_band, at = methods.at }
  facts.__index = setmetatable(public, public_meta)
end

-- Returns the handle, and whether it is new: the host says it again after a change of name or language.
function K.player_enter(id, name, locale, guest, age_band, at)
  local known = by_id[id]
  if known then
    show(known, id, name, locale, guest, age_band)
    return known.handle, false
  end
  -- the facts are the metatable too, so that little memory is touched for each player
  local facts = { __newindex = refuse_field, __tostring = to_text, __metatable = false, id = id, inside = true, at = at }
  local handle = setmetatable({}, facts)
  facts.handle = handle
  show(facts, id, name, locale, guest, age_band)
  data[handle] = facts
  by_id[id] = facts
  order[#order + 1] = handle
  return handle, true
end

function K.player_leave(id)
  local facts = by_id[id]
  if not facts then
    return nil
  end
  local handle = facts.handle
  by_id[id] = nil
  facts.inside = false
  for i = 1, #order do
    if order[i] == handle then
      for j = i, #order do
        order[j] = order[j + 1]
      end
      break
    end
  end
  return handle
end

-- Positions of all who moved, packed: 8 bytes id, three 32-bit floats each.
function K.players_moved(packed)
  local i, rest = 1, #packed // MOVED_BYTES
  while rest > 0 do
    local count = rest < MOVED_MOST and rest or MOVED_MOST
    local format = formats[count]
    if not format then
      format = "<" .. s_rep("i8fff", count)
      formats[count] = format
    end
    local values = { s_unpack(format, packed, i) }
    for k = 1, 4 * count, 4 do
      local facts = by_id[values[k]]
      if facts then
        local at = facts.at
        at[1], at[2], at[3] = values[k + 1], values[k + 2], values[k + 3]
      end
    end
    i, rest = i + count * MOVED_BYTES, rest - count
  end
end

mall.players = {}

function mall.players.all()
  local list = {}
  for i = 1, #order do
    list[i] = order[i]
  end
  return list
end

mall.players.get = K.player

function mall.players.count()
  return #order
end

function methods.at(handle)
  local facts = data[handle]
  if not facts then
    K.player_id(handle, "player:at")
  end
  local at = facts.at
  return { at[1], at[2], at[3] }
end

-- The language of a player.
function K.player_locale(handle, what)
  K.player_id(handle, what)
  return data[handle].__index.locale
end

function K.each_player(group, what, fn)
  if K.is_player(group) then
    fn(group)
    return
  end
  local list = K.match_players and K.match_players(group) or group
  if type(list) ~= "table" then
    bad(what .. " needs a player, a match or a list of players")
  end
  for _, handle in next, list do
    if K.player_inside(handle) then
      fn(handle)
    end
  end
end
