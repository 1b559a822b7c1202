-- {{title}}: touch the light, it jumps away, and you have one more. The best after a round wins.
local game = mall.match.define {
  title = mall.t("Catch the light"), unit = mall.t("catches"), board = "best",
  seconds = mall.settings.round_seconds, min = 1, max = 8, join_late = true,
}
local round ---@type mall.Match? the one that runs now

-- Positions are metres from the south-west corner of the ground: x east, y up, z north.
local button = mall.world.spawn {
  id = "button", model = "pedestal", at = { 7.5, 0, 2 }, collider = true,
  label = mall.t("Catch the light"), clickable = mall.t("Play"),
}
local light = mall.world.spawn {
  id = "light", tags = { "light" }, model = "ball", color = "#ffcc00", at = { 7.5, 1, 9 }, area = { radius = 1.5 },
  light = { color = "#ffcc00", range = 8 }, mover = { bob = 0.3, bob_seconds = 2 },
}

local function jump()
  light:set { at = { 2 + mall.random() * 11, 1, 4 + mall.random() * 9 } }
end

button:on("interact", function(player)
  game:join(player)
end)

light:on("area", function(player, inside)
  local match = round
  if not (inside and match) then return end
  local before = match:score(player)
  if match:score(player, 1) > before then -- who plays; for others nothing changes
    mall.ui.toast(player, player:t("Caught!"), "good")
    jump()
  end
end)

game:on("start", function(match)
  round = match
  jump()
end)

game:on("finish", function(_, ranking)
  round = nil
  local best = ranking[1]
  if best and best.score > 0 then
    mall.ui.toast(mall.players.all(), mall.t("{1} wins with {2}.", best.player.name, best.score), "info")
  end
end)
