-- Messages to every player without end.
-- load: ok
-- event: budget
for _ = 1, 3000 do
  mall.ui.toast(mall.players.all(), "hello", "info")
end
