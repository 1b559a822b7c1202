-- Claims without end.
-- load: ok
-- event: budget
for i = 1, 5000 do
  for _, p in ipairs(mall.players.all()) do
    mall.rewards.claim { player = p, pool = "daily", amount = 1000000000, reason = "again" }
  end
end
