-- A comparator that raises, over and over.
-- load: budget
-- event: budget
while true do
  pcall(table.sort, { 3, 2, 1 }, function() error("x") end)
end
