-- A tree of eight levels, as documented, must be shown.
-- load: error
-- event: ok
local tree = { text = "leaf" }
for _ = 1, 7 do
  tree = { column = { tree } }
end
if #mall.players.all() == 0 then
  error "nobody is here at load"
end
for _, p in ipairs(mall.players.all()) do
  mall.ui.show(p, tree)
end
