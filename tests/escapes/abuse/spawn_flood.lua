-- More entities than there may be.
-- load: error
-- event: error
while true do
  mall.world.spawn { at = { 1, 0, 1 } }
end
