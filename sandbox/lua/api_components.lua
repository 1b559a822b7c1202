-- Components of entities that many creations never use; see api_world.lua for the common ones.
local K = ...
local type, next = type, next
local bad, components = K.bad, K.components

local STATE_MAX = 16

local function options_of(allowed)
  return function(value, what)
    K.only(K.options(value, what), allowed, what)
    return value
  end
end

local area_options = options_of { radius = true, size = true }
local light_options = options_of { color = true, energy = true, range = true }
local sound_options = options_of { name = true, volume = true, range = true, loop = true }
local click_options = options_of { prompt = true, verb = true, reach = true }
local mover_options = options_of { spin = true, bob = true, bob_seconds = true, to = true, seconds = true, loop = true }

function components.collider(value, what)
  if value == true then
    return { shape = "model" }
  end
  K.only(K.options(value, what), { size = true }, what)
  return { shape = "box", size = K.size(value.size, what .. ".size") }
end

function components.area(value, what)
  area_options(value, what)
  if value.radius ~= nil then
    return { radius = K.number(value.radius, 0.1, 256, what .. ".radius") }
  end
  return { size = K.size(value.size, what .. ".size") }
end

function components.light(value, what)
  light_options(value, what)
  return {
    color = K.color(value.color or "#ffffff", what .. ".color"),
    energy = K.number(value.energy or 1, 0, 16, what .. ".energy"),
    range = K.number(value.range or 5, 0.1, 64, what .. ".range"),
  }
end

function components.sound(value, what)
  sound_options(value, what)
  return {
    name = K.name(value.name, what .. ".name"),
    volume = K.number(value.volume or 1, 0, 1, what .. ".volume"),
    range = K.number(value.range or 15, 0.1, 64, what .. ".range"),
    loop = value.loop == true,
  }
end

function components.state(value, what)
  local copy, n = {}, 0
  for key, item in next, K.options(value, what) do
    n = n + 1
    if n > STATE_MAX then
      bad(what .. " has more than " .. STATE_MAX .. " values")
    end
    if type(item) == "string" then
      K.text(item, 256, what .. " value")
    elseif type(item) ~= "boolean" then
      K.number(item, -1e15, 1e15, what .. " value")
    end
    copy[K.name(key, what .. " key")] = item
  end
  return n > 0 and copy or false
end

function components.clickable(value, what)
  if value == true then
    value = {}
  elseif type(value) == "string" then
    value = { prompt = value }
  end
  click_options(value, what)
  return {
    prompt = K.text(value.prompt or "", 80, what .. ".prompt"),
    verb = K.name(value.verb or "use", what .. ".verb"),
    reach = K.number(value.reach or 3, 0.5, 10, what .. ".reach"),
  }
end

function components.mover(value, what)
  mover_options(value, what)
  return {
    spin = K.number(value.spin or 0, -3600, 3600, what .. ".spin"),
    bob = K.number(value.bob or 0, 0, 16, what .. ".bob"),
    bob_seconds = K.number(value.bob_seconds or 2.4, 0.1, 60, what .. ".bob_seconds"),
    to = value.to ~= nil and K.position(value.to, what .. ".to") or nil,
    seconds = value.to ~= nil and K.number(value.seconds or 1, 0.05, 600, what .. ".seconds") or nil,
    loop = value.to ~= nil and value.loop == true or nil,
  }
end
