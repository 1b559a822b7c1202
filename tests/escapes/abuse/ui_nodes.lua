-- More nodes than a tree may have.
-- load: error
-- event: ok
local list = {}
for i = 1, 1000 do
  list[i] = { text = "x" }
end
if #mall.players.all() == 0 then
  error "nobody is here at load"
end
for _, p in ipairs(mall.players.all()) do
  if pcall(mall.ui.show, p, { column = list }) then
    mall.log "ESCAPED nodes"
  end
end
