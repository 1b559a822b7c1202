-- A comparator that loops.
-- load: budget
-- event: budget
table.sort({ 3, 2, 1 }, function()
  while true do end
end)
