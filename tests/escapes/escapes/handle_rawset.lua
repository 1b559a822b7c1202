-- Raw fields on player handles must never reach the host as numbers of players.
-- load: ok
-- event: ok
local kind = kind or { join = function() end }
for _, p in ipairs(mall.players.all()) do
  for _, value in ipairs { -7, 0 / 0, "x", {}, 1 << 60 } do
    pcall(rawset, p, "id", value)
    pcall(mall.ui.toast, p, "hello")
    pcall(mall.board.submit, "b", p, 1)
    pcall(mall.rewards.claim, { player = p, pool = "daily", amount = 1 })
  end
end
