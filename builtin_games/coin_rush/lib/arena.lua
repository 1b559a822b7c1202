-- The field: a pedestal to start at, an arch to come in by, cones, lamps and a board with the record.
local arena = {}

local cells = mall.parcel.cells or 1
local SIDE = 15 * (cells < 4 and 1 or math.tointeger(cells ^ 0.5 // 1))
local MARGIN = 1.5
local color = mall.settings.color

arena.low, arena.high = MARGIN, SIDE - MARGIN

-- The middle of the field at a height in metres.
function arena.centre(height)
  return { SIDE / 2, height, SIDE / 2 }
end

function arena.build()
  local middle = SIDE / 2
  arena.pedestal = mall.world.spawn {
    id = "start",
    model = "pedestal",
    color = "#3c4a63",
    at = { middle, 0, 2.5 },
    collider = true,
    clickable = mall.t("Play Coin Rush"),
    label = { text = mall.t("Coin Rush"), height = 2.2, color = color },
    tags = { "start" },
  }
  arena.trophy = mall.world.spawn {
    id = "trophy",
    model = "coin",
    color = color,
    at = { middle, 1.7, 2.5 },
    scale = 1.4,
    mover = { spin = 60, bob = 0.12, bob_seconds = 2 },
  }
  mall.world.spawn { id = "arch", model = "arch", color = color, at = { middle, 0, 0.4 }, scale = 1.2 }
  arena.board = mall.world.spawn {
    id = "record",
    model = "sign",
    color = "#3c4a63",
    at = { middle, 0, SIDE - 0.5 },
    yaw = 180,
    label = { text = "", height = 2 },
  }
  for i, corner in ipairs { { 0.6, 0.6 }, { SIDE - 0.6, 0.6 }, { 0.6, SIDE - 0.6 }, { SIDE - 0.6, SIDE - 0.6 } } do
    mall.world.spawn { id = "cone" .. i, model = "cone", color = "#ff6a3d", at = { corner[1], 0, corner[2] } }
    mall.world.spawn {
      id = "lamp" .. i,
      model = "light",
      at = { corner[1], 3.5, corner[2] },
      light = { color = color, energy = 1.5, range = 8 },
    }
  end
  arena.show_record()
end

-- The trophy stands still and pale while a round runs.
function arena.open(free)
  arena.trophy:set { mover = { spin = free and 60 or 0, bob = free and 0.12 or 0 }, color = free and color or "#8c93a3" }
end

function arena.show_record()
  local record = mall.store.get("record")
  local text = mall.t("No record yet")
  if record then
    text = mall.t("Record: {1} by {2}", record, mall.store.get("record_by"))
  end
  arena.board:set { label = { text = text, height = 2 } }
end

return arena
