-- Handles of removed entities are kept.
-- load: error|memory|budget
-- event: error|memory|budget
keep = keep or {}
while true do
  local e = mall.world.spawn { at = { 1, 0, 1 } }
  e:remove()
  keep[#keep + 1] = e
  if #keep % 100 == 0 then
    keep[#keep + 1] = string.rep("x", 100000) .. #keep
  end
end
