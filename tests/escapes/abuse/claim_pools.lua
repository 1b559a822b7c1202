-- Pools and matches of claims that are none.
-- load: ok
-- event: ok
local p = mall.players.all()[1]
if p then
  for _, pool in ipairs { "", " ", "../x", string.rep("p", 65), 5, {}, "a\0b", "daily\n" } do
    if pcall(mall.rewards.claim, { player = p, pool = pool, amount = 1 }) then
      mall.log("ESCAPED pool " .. tostring(pool))
    end
  end
  for _, match in ipairs { 1, "x", {}, p, -1 } do
    if pcall(mall.rewards.claim, { player = p, pool = "daily", amount = 1, match = match }) then
      mall.log "ESCAPED match"
    end
  end
end
