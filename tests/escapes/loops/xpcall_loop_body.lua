-- xpcall of a loop with a handler that swallows.
-- load: budget
-- event: budget
while true do
  xpcall(function()
    while true do end
  end, function() end)
end
