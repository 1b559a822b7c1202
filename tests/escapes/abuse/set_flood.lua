-- Components set without end.
-- load: error
-- event: budget
local e = mall.world.spawn { at = { 1, 0, 1 } }
while true do
  e:set { at = { mall.random() * 15, 0, 1 } }
end
