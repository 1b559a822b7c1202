-- Panels shown and updated without end.
-- load: ok
-- event: budget
for i = 1, 2000 do
  for _, p in ipairs(mall.players.all()) do
    mall.ui.show(p, { id = "p" .. i, column = { { text = "x" }, { button = "y", id = "b" } } })
    mall.ui.update(p, "b", { text = "z" })
    mall.ui.close(p, "p" .. i)
  end
end
