-- {{title}}: things to look at. Who uses one reads about it; the gate counts who came.
local exhibits = require "lib.exhibits"

-- Positions are metres from the south-west corner of the ground: x east, y up, z north.
local gate = mall.world.spawn { id = "gate", model = "arch", at = { 7.5, 0, 2 }, label = mall.settings.welcome }
local about = {} -- id of an entity -> what it shows

for place, exhibit in ipairs(exhibits) do
  local thing = mall.world.spawn {
    model = exhibit.model, color = exhibit.color, at = { 15 * place / (#exhibits + 1), 1, 10 }, tags = { "exhibit" },
    label = mall.t(exhibit.title), clickable = mall.t("Look"), mover = { spin = 30 },
  }
  about[thing.id] = exhibit
end

-- The store outlives the run: a gallery with nobody near is not running.
mall.on("enter", function()
  local visits = mall.store.update("visits", function(count)
    return (count or 0) + 1
  end)
  gate:set { label = mall.t("{1}: visit {2}", mall.settings.welcome, visits) }
end)

mall.on("interact", function(player, entity)
  local exhibit = about[entity.id]
  if not exhibit then return end
  mall.ui.show(player, { id = "about", role = "dialog", column = {
    { text = player:t(exhibit.title), size = 1.5 },
    { text = player:t(exhibit.words) },
    { button = player:t("Close"), id = "close" },
  } })
  player.store.set("last", exhibit.title)
end)

mall.on("ui", function(player, id)
  if id == "close" then mall.ui.close(player, "about") end
end)
