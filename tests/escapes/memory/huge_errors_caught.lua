-- Errors with long messages, caught without end.
-- load: budget|memory
-- event: budget|memory
while true do
  pcall(error, string.rep("x", 300000))
end
