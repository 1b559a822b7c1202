-- Effects that are none.
-- load: ok
-- event: ok
local bad = {
  {}, { name = "" }, { name = 5 }, { name = "x", seconds = 0 / 0 }, { name = "x", seconds = 99 }, { name = "x", color = 5 }, { name = "x", other = 1 }, 5, "",
}
for i, options in ipairs(bad) do
  if type(options) == "table" then
    options.at = { 1, 0, 1 }
  end
  if pcall(mall.world.effect, options) then
    mall.log("ESCAPED effect " .. i)
  end
  for _, p in ipairs(mall.players.all()) do
    if pcall(p.effect, p, options) then
      mall.log("ESCAPED effect of a player " .. i)
    end
  end
end
