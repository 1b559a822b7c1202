-- pcall(pcall, pcall, ...) in a loop.
-- load: budget
-- event: budget
while true do
  pcall(pcall, pcall, pcall, function()
    while true do end
  end)
end
