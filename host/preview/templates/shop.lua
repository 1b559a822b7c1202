-- {{title}}: shelves with goods. Who uses one sees it closely and may put it on the own wish list, which is kept.
local goods = require "lib.goods"

-- Positions are metres from the south-west corner of the ground: x east, y up, z north.
mall.world.spawn { id = "sign", model = "sign", at = { 7.5, 0, 2 }, label = mall.settings.sign }
local shown = {} -- id of an entity -> what lies there

for place, good in ipairs(goods) do
  local x = 15 * place / (#goods + 1)
  mall.world.spawn { model = "pedestal", at = { x, 0, 9 }, collider = true }
  local thing = mall.world.spawn {
    id = good.id, model = good.model, color = good.color, scale = 0.5, at = { x, 1.3, 9 }, tags = { "good" },
    label = mall.t(good.name), clickable = mall.t("Look at it"), mover = { spin = 40 },
  }
  shown[thing.id] = good
end

mall.on("interact", function(player, entity)
  local good = shown[entity.id]
  if not good then return end
  mall.ui.show(player, { id = "good", role = "dialog", column = {
    { text = player:t(good.name), size = 1.5 },
    { text = player:t(good.words) },
    { row = {
      { button = player:t("Wish"), id = "wish", value = good.id },
      { button = player:t("Close"), id = "close" },
    } },
  } })
end)

-- A panel answers with what the player chose: look it up, do not believe it.
mall.on("ui", function(player, id, value)
  if id == "wish" and shown[value] then
    local wishes = player.store.get("wishes") or {}
    for _, wish in ipairs(wishes) do
      if wish == value then
        mall.ui.toast(player, player:t("It is on your list already."), "info")
        return
      end
    end
    wishes[#wishes + 1] = value
    player.store.set("wishes", wishes)
    mall.ui.toast(player, player:t("{1} wishes.", #wishes), "good")
  end
  mall.ui.close(player, "good")
end)
