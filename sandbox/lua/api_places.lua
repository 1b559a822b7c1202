-- Finding entities, and passing effects at a place.
local K = ...
local next = next
local module, order, data = K.world_module, K.entity_order, K.entity_data

local function collect(fits)
  local list = {}
  for i = 1, #order do
    if fits(data[order[i]].parts) then
      list[#list + 1] = order[i]
    end
  end
  return list
end

function module.find(tag)
  return collect(function(parts)
    for _, item in next, parts.tags or {} do
      if item == tag then
        return true
      end
    end
    return false
  end)
end

function module.near(position, radius)
  local at = K.position(position, "mall.world.near: position")
  radius = K.number(radius, 0, 1000, "mall.world.near: radius")
  return collect(function(parts)
    local dx, dy, dz = parts.at[1] - at[1], parts.at[2] - at[2], parts.at[3] - at[3]
    return dx * dx + dy * dy + dz * dz <= radius * radius
  end)
end

-- A passing effect at a place: { name, at, color, sound, seconds }.
function module.effect(options)
  K.need("world.build", "mall.world.effect")
  local at = K.position(K.options(options, "mall.world.effect").at, "mall.world.effect: at")
  K.use "api_avatar"
  K.emit_effect(options, nil, at, "mall.world.effect")
end
