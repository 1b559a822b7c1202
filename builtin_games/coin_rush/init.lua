-- Coin Rush: step on the pedestal's prompt, then run through coins until the clock ends.
-- This file holds the rules of a round; lib/ holds the field, the coins and the streaks.
local arena = require "lib.arena"
local coins = require "lib.coins"
local streaks = require "lib.streaks"

local settings = mall.settings
local WINNERS = 3

arena.build()

local rush = mall.match.define {
  title = "Coin Rush",
  unit = mall.t("points"),
  min = 1,
  max = 8,
  seconds = settings.round_seconds,
  lobby = settings.lobby_seconds,
  join_late = true,
  board = "best",
}

local function show_hud(match, player)
  mall.ui.show(player, {
    id = "rush",
    role = "hud",
    place = "top",
    row = {
      { text = "", id = "rush_streak", label = player:t("Streak") },
      { progress = 0, id = "rush_goal", min = 0, max = settings.target_coins, label = player:t("Coins") },
    },
  })
end

local function update_hud(match, player, streak)
  local text = ""
  if streak >= 2 then
    text = player:t("Streak x{1}", streak)
  end
  mall.ui.update(player, "rush_streak", { text = text })
  mall.ui.update(player, "rush_goal", { value = match.collected[player.id] })
end

-- Rounds ---------------------------------------------------------------------------------------------------------------

mall.on("interact", function(player, entity, verb)
  if entity == arena.pedestal and verb == "use" then
    rush:join(player)
  end
end)

rush:on("join", function(match, player)
  match.collected = match.collected or {}
  match.collected[player.id] = 0
  if match.phase == "lobby" then
    mall.ui.toast(player, player:t("Get ready!"))
  else
    show_hud(match, player)
    mall.ui.toast(player, player:t("Go! Run through the coins."), "good")
  end
end)

rush:on("start", function(match)
  match.streaks = streaks.new()
  match.most_players = #match.players
  arena.open(false)
  for _, player in ipairs(match.players) do
    show_hud(match, player)
    mall.ui.toast(player, player:t("Go! Run through the coins."), "good")
  end
  match.field = coins.new(match, settings.round_seconds, function(player, coin)
    local streak = match.streaks:hit(player.id, mall.now())
    match.collected[player.id] = match.collected[player.id] + 1
    match:score(player, coin.points + streaks.bonus(streak))
    update_hud(match, player, streak)
    if streaks.is_milestone(streak) then
      mall.ui.toast(player, player:t("Streak x{1}! +{2} each", streak, streaks.bonus(streak)), "good")
    end
    if match.most_players == 1 and match.collected[player.id] >= settings.target_coins then
      match.won = true
      match:finish()
    end
  end)
end)

rush:on("tick", function(match)
  if #match.players > match.most_players then
    match.most_players = #match.players
  end
  match.field:tick(mall.now(), match:left(), #match.players)
end)

rush:on("leave", function(_, player)
  mall.ui.close(player, "rush")
end)

mall.on("area", function(player, entity, inside)
  if inside then
    coins.touched(player, entity)
  end
end)

-- Results --------------------------------------------------------------------------------------------------------------

-- Whether this place in the ranking earns a prize.
local function wins(match, entry)
  if match.most_players == 1 then
    return match.won == true
  end
  return entry.place <= WINNERS and match.collected[entry.player.id] >= settings.min_coins
end

rush:on("finish", function(match, ranking)
  if match.field then
    match.field:clear()
  end
  arena.open(true)
  for _, entry in ipairs(ranking) do
    local player = entry.player
    mall.ui.close(player, "rush")
    local prize = settings.prize + 1 - entry.place
    if wins(match, entry) and prize > 0 then
      mall.rewards.claim { player = player, pool = "daily", amount = prize, match = match, reason = "place " .. entry.place }
      mall.ui.toast(player, player:t("Place {1} with {2} points. Your prize: {3} LIVE", entry.place, entry.score, prize), "good")
      mall.world.effect { name = "confetti", at = arena.centre(2), color = settings.color, seconds = 3 }
    elseif match.most_players == 1 then
      mall.ui.toast(player, player:t("Time is up: {1} of {2} coins. Once more?", match.collected[player.id], settings.target_coins))
    else
      mall.ui.toast(player, player:t("Place {1} with {2} points.", entry.place, entry.score))
    end
  end
  local best = ranking[1]
  if best and best.score > (mall.store.get("record") or 0) then
    mall.store.set("record", best.score)
    mall.store.set("record_by", best.player.name)
  end
  arena.show_record()
end)

mall.on("claim_changed", function(claim)
  mall.log("claim", claim.id, claim.state, claim.reason)
end)
