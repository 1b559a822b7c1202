-- What a creation may do to an avatar, and passing effects.
local K = ...
local type, setmetatable = type, setmetatable
local emit, methods = K.emit, K.player_methods

function methods.t(handle, text, ...)
  K.use "api_texts"
  return K.translate(K.player_locale(handle, "player:t"), text, ...)
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

local tickets = setmetatable({}, { __mode = "k" }) -- player -> set of ids, as the host told

-- Whether the player holds a ticket of this id, as far as the host has told; false before.
function methods.has_ticket(handle, id)
  K.need("ticket", "player:has_ticket")
  K.player_id(handle, "player:has_ticket")
  local held = tickets[handle]
  return held ~= nil and held[K.name(id, "player:has_ticket: id")] == true
end

function K.tickets_changed(id, ids)
  local player, held = K.player(id), {}
  for i = 1, #ids do
    held[ids[i]] = true
  end
  if player then
    tickets[player] = held
  end
end
