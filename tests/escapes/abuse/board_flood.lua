-- Scores without end, with names that are none.
-- load: ok
-- event: budget
for _, p in ipairs(mall.players.all()) do
  for i = 1, 5000 do
    mall.board.submit("b" .. i, p, i)
  end
end
