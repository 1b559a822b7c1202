-- Entities made and removed without end.
-- load: error
-- event: budget
while true do
  mall.world.spawn({ at = { 1, 0, 1 } }):remove()
end
