-- The outbox filled, and its refusal caught without end.
-- load: budget
-- event: budget
while true do
  pcall(mall.world.effect, { name = "x", at = { 1, 0, 1 } })
end
