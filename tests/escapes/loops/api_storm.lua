-- Refused calls of the API without end.
-- load: budget
-- event: budget
while true do
  pcall(mall.world.spawn, {})
end
