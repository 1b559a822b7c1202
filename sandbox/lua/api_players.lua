-- Players: handles of the people inside the placement. No wallet, no address, no body data.
local K = ...
local setmetatable, type, next, s_unpack = setmetatable, type, next, string.unpack
local mall, emit, bad = K.mall, K.emit, K.bad

local MOVED_FORMAT = "<i8fff"

local data = setmetatable({}, { __mode = "k" }) -- handle -> facts; kept as long as somebody holds the handle
local by_id, order = {}, {}
local methods = {}
K.player_methods = methods

local meta = {
  __index = function(handle, key)
    local method = methods[key]
    if method then
      return method
    end
    local facts = data[handle]
    if key == "store" then
      return K.player_store(facts.id)
    end
    return facts.public[key]
  end,
  __newindex = function(_, key)
    bad("a player has no field '" .. K.tostring(key) .. "' to set; keep own data in a table by player.id")
  end,
  __tostring = function(handle)
    local public = data[handle].public
    return "player " .. public.id .. " (" .. public.name .. ")"
  end,
  __metatable = false,
}

-- The id of a player handle; raises for anything else.
function K.player_id(handle, what)
  local facts = data[handle]
  if not facts then
    bad(what .. " needs a player, got " .. K.shown(handle))
  end
  return facts.id
end

function K.player(id)
  return by_id[id]
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

function K.player_enter(id, name, locale, guest, age_band, at)
  local handle = by_id[id]
  if handle then -- the host says it again after a change of name or language
    local facts = data[handle]
    facts.public = { id = id, name = name, locale = locale, guest = guest, age_band = age_band }
    return handle, false
  end
  handle = setmetatable({}, meta)
  data[handle] = {
    id = id,
    inside = true,
    at = at,
    public = { id = id, name = name, locale = locale, guest = guest, age_band = age_band },
  }
  by_id[id] = handle
  order[#order + 1] = handle
  return handle, true
end

function K.player_leave(id)
  local handle = by_id[id]
  if not handle then
    return nil
  end
  by_id[id] = nil
  data[handle].inside = false
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
  local i, size = 1, #packed
  while i <= size do
    local id, x, y, z
    id, x, y, z, i = s_unpack(MOVED_FORMAT, packed, i)
    local handle = by_id[id]
    if handle then
      local at = data[handle].at
      at[1], at[2], at[3] = x, y, z
    end
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

function mall.players.get(id)
  return by_id[id]
end

function mall.players.count()
  return #order
end

function methods.at(handle)
  K.player_id(handle, "player:at")
  local at = data[handle].at
  return { at[1], at[2], at[3] }
end

function methods.t(handle, text, ...)
  K.player_id(handle, "player:t")
  return K.translate(data[handle].public.locale, text, ...)
end

function methods.say(handle, text)
  K.need("chat.say", "player:say")
  emit("say", K.player_id(handle, "player:say"), K.text(text, 280, "player:say: text"))
end

function methods.teleport(handle, position, yaw)
  K.need("avatar.move", "player:teleport")
  local id = K.player_id(handle, "player:teleport")
  yaw = yaw ~= nil and K.number(yaw, -360, 360, "player:teleport: yaw") or nil
  emit("teleport", id, K.position(position, "player:teleport: position"), yaw)
end

function methods.emote(handle, name)
  K.need("avatar.emote", "player:emote")
  emit("emote", K.player_id(handle, "player:emote"), K.name(name, "player:emote: name"))
end

function methods.effect(handle, options)
  K.need("avatar.effect", "player:effect")
  local id = K.player_id(handle, "player:effect")
  K.emit_effect(options, id, nil, "player:effect")
end

local EFFECT = { name = true, color = true, sound = true, seconds = true, at = true }

-- One passing effect at a player or at a place.
function K.emit_effect(options, player, at, what)
  if type(options) == "string" then
    options = { name = options }
  end
  K.only(K.options(options, what), EFFECT, what)
  local color = options.color ~= nil and K.color(options.color, what .. ": color") or nil
  local sound = options.sound ~= nil and K.name(options.sound, what .. ": sound") or nil
  local seconds = K.number(options.seconds or 1, 0, 60, what .. ": seconds")
  emit("effect", K.name(options.name, what .. ": name"), player, at, color, sound, seconds)
end

function K.each_player(group, what, fn)
  if K.is_player(group) then
    fn(group)
    return
  end
  local list = K.match_players(group) or group
  if type(list) ~= "table" then
    bad(what .. " needs a player, a match or a list of players")
  end
  for _, handle in next, list do
    if K.player_inside(handle) then
      fn(handle)
    end
  end
end
