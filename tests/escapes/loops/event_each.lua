-- A handler that raises at each tick, and in an event a loop after the refused declaration.
-- load: error
-- event: budget
pcall(mall.on, "tick", function()
  error("tick")
end)
if mall.now() ~= os.clock() then
  error("clock")
end
if #mall.players.all() > 0 then
  while true do end
end
