-- Nodes at the very edge of what is allowed must pass the host too.
-- load: ok
-- event: ok
local options = {}
for i = 1, 32 do
  options[i] = string.rep("o", 120)
end
local list = {}
for i = 1, 127 do
  list[i] = { text = "x" }
end
for _, p in ipairs(mall.players.all()) do
  mall.ui.show(p, { choice = options, id = "c" })
  mall.ui.show(p, { list = list })
  mall.ui.show(p, { list = {} })
  mall.ui.show(p, { slider = 1e15, min = -1e15, max = 1e15, step = 0, value = true })
  mall.ui.show(p, { grid = {}, columns = 12, size = 4, place = "top", role = "x" })
  mall.ui.update(p, "c", { enabled = 1, hidden = "x", value = "" })
end
