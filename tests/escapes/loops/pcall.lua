-- An endless loop inside pcall inside an endless loop.
-- load: budget
-- event: budget
while true do
  pcall(function()
    while true do end
  end)
end
