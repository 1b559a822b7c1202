-- Rings are thrown at a peg while a round runs; its three best are paid from the daily pool.
local SECONDS = mall.settings.round_seconds
local CHANCE, POINTS = 0.4, 10

local peg = mall.world.spawn {
  id = "peg", model = "cone", at = { 7.5, 0, 11 }, collider = true, label = mall.t("Throw here"),
  clickable = { prompt = mall.t("Join the round"), verb = "use" }, tags = { "target" },
}

local game = mall.match.define {
  min = 2, max = 8, seconds = SECONDS, board = "best", title = "Ring toss", unit = "points",
  actions = { { name = "throw", label = "Throw" } },
}

mall.on("interact", function(player, entity, verb)
  if entity == peg and verb == "use" then
    game:join(player)
  end
end)

game:on("start", function(match)
  match.hits = {}
  for _, player in ipairs(match.players) do
    mall.ui.show(player, { id = "clock-panel", role = "hud", text = tostring(SECONDS), place = "top" })
  end
  mall.every(1, function()
    mall.ui.update_all(match, "clock-panel", { text = tostring(math.ceil(match:left())) })
  end, match)
end)

game:on("input", function(match, player, action)
  if action ~= "throw" then
    return
  end
  local from, to = player:at(), peg:get("at")
  local way = { to[1] - from[1], 0.4 - from[2] - 1, to[3] - from[3] }
  local hit = mall.world.ray({ from[1], from[2] + 1, from[3] }, way, 20)
  if hit and hit.entity == peg and mall.random() < CHANCE then
    match.hits[player] = (match.hits[player] or 0) + 1
    match:score(player, POINTS)
  end
end)

game:on("finish", function(match, ranking)
  for place, entry in ipairs(ranking) do
    if place <= 3 and entry.score > 0 then
      mall.rewards.claim { player = entry.player, pool = "daily", amount = 4 - place, match = match }
    end
  end
end)
