-- Looking along a line, and the sky over the placement.
local K = ...
local type, cos, sin, sqrt, rad = type, math.cos, math.sin, math.sqrt, math.rad
local emit, bad = K.emit, K.bad
local module, order, data = K.world_module, K.entity_order, K.entity_data

local FAR, NEVER = 1000, 1 / 0

-- Bounding boxes of the built-in models at scale 1: width, height, depth in metres; they stand on `at`.
local BOXES = {
  coin = { 0.7, 0.7, 0.2 }, pedestal = { 1, 1.7, 1 }, crate = { 1, 1, 1 }, sign = { 1.6, 2, 0.2 }, arch = { 3.6, 4.1, 0.7 },
  cone = { 0.8, 1.1, 0.8 }, banner = { 0.9, 3.7, 0.4 }, light = { 0.4, 3.2, 0.4 }, ball = { 1, 1, 1 }, box = { 1, 1, 1 },
  cylinder = { 1, 1, 1 },
}
local UNKNOWN = { 1, 1, 1 } -- a model of the package's own

local function box_of(parts)
  local collider = parts.collider
  if collider.shape == "box" then
    return collider.size[1], collider.size[2], collider.size[3]
  end
  local box, scale = BOXES[parts.model] or UNKNOWN, parts.scale or 1
  if type(scale) == "number" then
    return box[1] * scale, box[2] * scale, box[3] * scale
  end
  return box[1] * scale[1], box[2] * scale[2], box[3] * scale[3]
end

-- Where a line comes into and goes out of the slab from `low` to `high`, in its own lengths.
local function slab(from, way, low, high)
  if way == 0 then
    if from < low or from > high then
      return NEVER, -NEVER
    end
    return -NEVER, NEVER
  end
  local a, b = (low - from) / way, (high - from) / way
  if a > b then
    return b, a
  end
  return a, b
end

-- How far along the line (of length 1) it meets the box of an entity; nil when it does not, or begins inside.
local function meets(parts, x, y, z, dx, dy, dz)
  local w, h, d = box_of(parts)
  local at, turn = parts.at, rad(parts.yaw or 0)
  local c, s = cos(turn), sin(turn)
  x, y, z = x - at[1], y - at[2], z - at[3]
  local x_in, x_out = slab(x * c + z * s, dx * c + dz * s, -w / 2, w / 2)
  local y_in, y_out = slab(y, dy, 0, h)
  local z_in, z_out = slab(z * c - x * s, dz * c - dx * s, -d / 2, d / 2)
  local near = x_in > y_in and x_in or y_in
  near = z_in > near and z_in or near
  local far = x_out < y_out and x_out or y_out
  far = z_out < far and z_out or far
  return near <= far and near >= 0 and near or nil
end

local function direction_of(value)
  if type(value) ~= "table" then
    bad("mall.world.ray: direction must be {x, y, z}, got " .. K.shown(value))
  end
  local x = K.number(value[1] or value.x, -1e6, 1e6, "mall.world.ray: direction x")
  local y = K.number(value[2] or value.y, -1e6, 1e6, "mall.world.ray: direction y")
  local z = K.number(value[3] or value.z, -1e6, 1e6, "mall.world.ray: direction z")
  local length = sqrt(x * x + y * y + z * z)
  if length < 1e-6 then
    bad "mall.world.ray: direction has no length"
  end
  return x / length, y / length, z / length
end

-- What a line from inside the placement meets first: own entities with a collider, and the ground inside the footprint.
function module.ray(from, direction, most)
  from = K.position(from, "mall.world.ray: from")
  local dx, dy, dz = direction_of(direction)
  most = K.number(most or FAR, 0, FAR, "mall.world.ray: max")
  local x, y, z = from[1], from[2], from[3]
  local found, nearest = nil, most
  for i = 1, #order do
    local parts = data[order[i]].parts
    local away = parts.collider and meets(parts, x, y, z, dx, dy, dz)
    if away and (away < nearest or not found and away <= nearest) then
      found, nearest = order[i], away
    end
  end
  local ground = dy < 0 and y / -dy or NEVER
  local size = K.footprint
  local gx, gz = x + dx * ground, z + dz * ground
  if ground <= most and (ground < nearest or not found) and gx >= 0 and gx <= size[1] and gz >= 0 and gz <= size[3] then
    return { at = { gx, 0.0, gz }, distance = ground }
  elseif found then
    return { entity = found, at = { x + dx * nearest, y + dy * nearest, z + dz * nearest }, distance = nearest }
  end
end

local SKY = { time = true, tint = true, fog = true }

-- The sky that who is inside sees; what is left out is the city's. Nothing at all gives the city's sky back.
function module.sky(options)
  K.need("world.build", "mall.world.sky")
  options = options == nil and {} or K.options(options, "mall.world.sky")
  K.only(options, SKY, "mall.world.sky")
  local time = options.time ~= nil and K.number(options.time, 0, 24, "mall.world.sky: time") or nil
  local tint = options.tint ~= nil and K.color(options.tint, "mall.world.sky: tint") or nil
  emit("sky", time, tint, options.fog ~= nil and K.number(options.fog, 0, 1, "mall.world.sky: fog") or nil)
end
