-- Errors are raised and caught without end.
-- load: budget
-- event: budget
while true do
  pcall(error, "x")
end
