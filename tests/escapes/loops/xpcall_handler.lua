-- The handler of xpcall loops.
-- load: budget
-- event: budget
while true do
  xpcall(error, function()
    while true do end
  end)
end
