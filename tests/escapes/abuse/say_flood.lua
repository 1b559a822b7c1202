-- Chat to every player without end.
-- load: ok
-- event: error
for _ = 1, 3000 do
  for _, p in ipairs(mall.players.all()) do
    p:say(string.rep("x", 280))
  end
end
