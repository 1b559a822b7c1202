-- A list of a hundred thousand players.
-- load: ok|error|budget|memory
-- event: ok|error|budget|memory
local p = mall.players.all()[1] or {}
local list = {}
for i = 1, 60000 do
  list[i] = p
end
mall.ui.toast(list, "x")
