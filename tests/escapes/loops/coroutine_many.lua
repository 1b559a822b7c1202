-- New short coroutines without end, so that each lives less than one look at the budget.
-- load: budget
-- event: budget
while true do
  coroutine.wrap(function() end)()
end
