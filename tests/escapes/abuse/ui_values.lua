-- Nodes that are none.
-- load: ok
-- event: ok
local bad = {
  {}, { text = 1, button = "x" }, { column = 5 }, { column = { 5 } }, { text = {} }, { slider = "x" }, { slider = 0 / 0 }, { progress = 1 / 0 }, { choice = "x" },
  { choice = { {} } }, { text = "x", value = {} }, { text = "x", size = 99 }, { grid = {}, columns = 1.5 }, { grid = {}, columns = 99 }, { text = "x", color = "red" },
  { text = "x", id = "" }, { text = "x", min = 0 / 0 }, { text = "x", unknown = 1 }, { text = string.rep("x", 1001) }, 5, "x",
}
for _, p in ipairs(mall.players.all()) do
  for i, node in ipairs(bad) do
    if pcall(mall.ui.show, p, node) then
      mall.log("ESCAPED node " .. i)
    end
  end
end
