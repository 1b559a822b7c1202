-- Amounts that are no amounts.
-- load: ok
-- event: ok
local p = mall.players.all()[1]
if p then
  local bad = {
    -1, 0, 0.1, 0 / 0, 1 / 0, 1e308, "1e3", "-1", " 1", "0x10", "1.", ".1", "1.2.3", "", "1,5", string.rep("9", 40), {}, true, "nan", "inf",
    "0.0000000000000000001", 1 << 62, -0.0, "00000000000", "1\n", "1\0",
  }
  for _, amount in ipairs(bad) do
    if pcall(mall.rewards.claim, { player = p, pool = "daily", amount = amount }) then
      mall.log("ESCAPED amount " .. tostring(amount))
    end
  end
end
