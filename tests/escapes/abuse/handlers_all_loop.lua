-- A loop in a handler of each event.
-- load: error
-- event: budget
for _, name in ipairs { "start", "stop", "tick", "enter", "leave", "input", "interact", "area", "emote", "chat", "ui", "claim_changed" } do
  pcall(mall.on, name, function()
    error(name)
  end)
end
if #mall.players.all() > 0 then
  while true do end
end
error "load"
