-- A stop handler that loops.
-- load: budget
-- event: error
if not pcall(mall.on, "stop", function()
  while true do end
end) then
  error "an event cannot declare"
end
